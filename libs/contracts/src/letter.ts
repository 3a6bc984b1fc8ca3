import { formatInstant, nameIdOf } from '#libs/kernel';
import type { CloudEvent } from './cloud-event.js';

/**
 * Tells sla-timer that a subject has a dead letter which nobody has decided yet, or that it is decided now; tells
 * compensation and loyalty, on the letter's own topic, that a key may go on.
 */
export const LETTER_TYPE = 'makegood.letter';

export type LetterStatus = 'open' | 'replayed' | 'discarded';

export interface LetterData {
  /** Id of the dead letter. */
  readonly id: string;
  readonly status: LetterStatus;
}

export type LetterEvent = CloudEvent<LetterData>;

/** Its id follows from letter and status: told twice it is the same event. */
export function letterEventOf(data: LetterData, source: string, subject: string, atMs: number): LetterEvent {
  return {
    specversion: '1.0',
    id: nameIdOf('letter', data.id, data.status),
    source,
    type: LETTER_TYPE,
    subject,
    time: formatInstant(Math.max(0, atMs)),
    data,
  };
}
