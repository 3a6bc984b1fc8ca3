export { hasNotices, noticesOf } from './notices.js';
export { owed, type Owed, type OwedRemedy } from './owed.js';
export { correctedBy, correctionIdOf, correctionOf, isCorrection } from './correction.js';
export type { Circumstances, ReasonCode } from './circumstances.js';
export { whyVerdict, type VerdictFacts, type Why } from './why.js';
export { latenessTold, scopeOf, type Lateness } from './verdict-scope.js';
