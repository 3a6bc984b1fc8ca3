import type { PromiseType } from '#libs/contracts';

interface DoneWords {
  /** "… not <done> by …", "<done> at …" */
  readonly done: string;
  /** "<Done> 2 d 3 h late" */
  readonly atStart: string;
}

/** What keeping a promise of each type is called. */
export const DONE_WORDS: Readonly<Record<PromiseType, DoneWords>> = {
  reservation: { done: 'ready', atStart: 'Ready' },
  response: { done: 'answered', atStart: 'Answered' },
  waiting: { done: 'served', atStart: 'Served' },
  service: { done: 'done', atStart: 'Done' },
  delivery: { done: 'delivered', atStart: 'Delivered' },
};
