import type { CloudEvent } from './cloud-event.js';

/** Tells sla-timer that a subject has a dead letter which nobody has decided yet, or that it is decided now. */
export const LETTER_TYPE = 'makegood.letter';

export type LetterStatus = 'open' | 'replayed' | 'discarded';

export interface LetterData {
  /** Id of the dead letter. */
  readonly id: string;
  readonly status: LetterStatus;
}

export type LetterEvent = CloudEvent<LetterData>;
