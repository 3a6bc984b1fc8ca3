export { owed, type OwedRemedy } from './owed.js';
export { whyVerdict, type VerdictFacts, type Why } from './why.js';
