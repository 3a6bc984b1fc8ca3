export { owed, type Owed, type OwedRemedy } from './owed.js';
export type { Circumstances, ReasonCode } from './circumstances.js';
export { whyVerdict, type VerdictFacts, type Why } from './why.js';
export { scopeOf } from './verdict-scope.js';
