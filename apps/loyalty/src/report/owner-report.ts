import { referenceLateness, type ModelEvent } from '#libs/loyalty-model';
import type { ModelSettings } from '#libs/signals';
import type { ScannedCustomer } from './scan-customers.js';

/** Of one owner (person or team): the promises they kept, and those kept better than the customer had learnt to expect. */
export interface OwnerFigures {
  readonly owner: string;
  readonly kept: number;
  readonly keptBeyondExpectation: number;
  readonly missed: number;
  /** Tolerances earlier than expected, in the mean over those kept. */
  readonly earlierThanExpected: number;
}

type Tally = { -readonly [K in keyof Omit<OwnerFigures, 'owner'>]: number };
type Settled = Extract<ModelEvent, { readonly type: 'promise.settled' }>;

/** Whom to thank: never an average of blame, only what each kept, and by how much it surprised. */
export class OwnerReport {
  private readonly owners = new Map<string, Tally>();

  constructor(
    private readonly settings: ModelSettings,
    private readonly fromDay: number,
    private readonly untilDay: number,
  ) {}

  add({ document, trail }: ScannedCustomer): void {
    trail.events.forEach((event, i) => {
      if (event.type !== 'promise.settled' || event.at < this.fromDay || event.at > this.untilDay) return;
      const owner = document.promises[event.promiseId]?.verdict?.owner;
      if (owner === undefined) return;
      const { state } = trail.headAfter(i);
      this.count(owner, event, referenceLateness(state, event.kind, this.settings.rules));
    });
  }

  result(): OwnerFigures[] {
    return [...this.owners]
      .map(([owner, { earlierThanExpected, ...counts }]) => ({
        owner,
        ...counts,
        earlierThanExpected: counts.kept === 0 ? 0 : earlierThanExpected / counts.kept,
      }))
      .sort(
        (a, b) => b.keptBeyondExpectation - a.keptBeyondExpectation || b.kept - a.kept || (a.owner < b.owner ? -1 : 1),
      );
  }

  private count(owner: string, event: Settled, expected: number): void {
    let tally = this.owners.get(owner);
    if (!tally) {
      tally = { kept: 0, keptBeyondExpectation: 0, missed: 0, earlierThanExpected: 0 };
      this.owners.set(owner, tally);
    }
    const { toleranceZone, furthestTolerances } = this.settings.rules.feeling;
    const lateness = event.actualAt === null ? furthestTolerances : (event.actualAt - event.dueAt) / event.tolerance;
    if (lateness > toleranceZone) {
      tally.missed += 1;
      return;
    }
    const surprise = Math.min(expected, 0) - Math.max(lateness, -furthestTolerances);
    tally.kept += 1;
    tally.earlierThanExpected += surprise;
    if (surprise > toleranceZone) tally.keptBeyondExpectation += 1;
  }
}
