export { BY_HAND_TYPE, type ByHand } from './by-hand.js';
export { decideOnFact, fireDue, rebaseSubject, reconsider, takeLetter, type Decided } from './decide.js';
export { disagreementsOf, type Disagreement } from './disagreements.js';
export { factOf } from './fact-of.js';
export type { Judgement } from './judge.js';
export type { Announcement } from './settle.js';
export {
  newSubject,
  type Announced,
  type Fact,
  type Letter,
  type PromiseRecord,
  type SubjectState,
} from './subject-state.js';
export { carriedFacts, tellPromise } from './tell.js';
export { effectiveTimeMs, takeIn, type Intake } from './take-in.js';
export type { Disruption, Silence, Terms, Told } from './terms.js';
