export { decideOnFact, fireDue, type Announcement, type Decided } from './decide.js';
export type { Judgement } from './judge.js';
export { newSubject, type Announced, type Fact, type PromiseRecord, type SubjectState } from './subject-state.js';
export { tellPromise } from './tell.js';
export { effectiveTimeMs, sameJson, takeIn, type Intake } from './take-in.js';
export { FACTS_PER_SUBJECT_MAX, ORPHAN_WAIT_MS, SKEW_TOLERANCE_MS, type Terms, type Told } from './terms.js';
