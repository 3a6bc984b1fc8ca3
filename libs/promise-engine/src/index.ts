export { decideOnFact, fireDue, type Announcement, type Decided } from './decide.js';
export type { Judgement } from './judge.js';
export { newSubject, type Announced, type Fact, type PromiseRecord, type SubjectState } from './subject-state.js';
export { tellPromise } from './tell.js';
export { effectiveTimeMs, takeIn, type Intake } from './take-in.js';
export type { Terms, Told } from './terms.js';
