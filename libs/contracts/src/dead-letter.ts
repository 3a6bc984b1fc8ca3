import type { CloudEvent } from './cloud-event.js';

/** `data` of a dead letter: why, and the original as it was read (text; base64 where it is no UTF-8). */
export interface DeadLetterData {
  readonly reason: string;
  readonly detail: string;
  readonly original: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly attempts: number;
  /** Later records of its key wait in the service that wrote it, until somebody has decided. */
  readonly parked?: true;
}

export const DEAD_LETTER_TYPE = 'makegood.letter.dead';
export type DeadLetterEvent = CloudEvent<DeadLetterData>;

/** On the topic of dead letters too: what was done about one. */
export const LETTER_DECIDED_TYPE = 'makegood.letter.decided';

export interface LetterDecidedData {
  readonly id: string;
  readonly status: 'replayed' | 'discarded';
  readonly reason: string;
  /** Name of the key of whoever decided. */
  readonly by: string;
}

export type LetterDecidedEvent = CloudEvent<LetterDecidedData>;
