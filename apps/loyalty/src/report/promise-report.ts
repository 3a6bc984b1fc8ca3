import {
  overpromiseReport,
  planPromise,
  spokenStepMs,
  type OverpromiseReport,
  type PlannedPromise,
  type PromiseOutcome,
} from '#libs/loyalty-model';
import type { ModelSettings } from '#libs/signals';
import { firstDueOf } from '../customer-document/model-events.js';
import { stepsOf } from '../show-customer/changes.js';
import type { ScannedCustomer } from './scan-customers.js';

export type PromiseKey = 'guarantee' | 'owner' | 'promiseType';

/** Durations in minutes. `pointsLost`: what the misses of this key cost in loyalty, over all its customers. */
export interface PromiseHonesty {
  readonly key: string;
  readonly stillOpenLate: number;
  readonly pointsLost: number;
  readonly report: OverpromiseReport;
  /** What to promise now that the outcomes have drifted to where they are; where too little is known, as all keys together. */
  readonly plan: PlannedPromise;
}

interface Collected {
  readonly outcomes: (PromiseOutcome & { readonly atMs: number })[];
  stillOpenLate: number;
  pointsLost: number;
}

const MINUTE_MS = 60_000;
/** The newest so many outcomes of a key are enough to judge it, and bound what is held. */
const OUTCOMES_MAX = 20_000;

/** How much do we overpromise, by guarantee, owner or type of promise? */
export class PromiseReport {
  private readonly keys = new Map<string, Collected>();

  constructor(
    private readonly by: PromiseKey,
    private readonly reliability: number,
    private readonly settings: ModelSettings,
  ) {}

  add({ document, trail }: ScannedCustomer): void {
    for (const known of Object.values(document.promises)) {
      const { verdict } = known;
      if (!verdict || (verdict.outcome !== 'kept' && verdict.outcome !== 'breached')) continue;
      const collected = this.collected(verdict[this.by] ?? 'nobody');
      const dueAtMs = firstDueOf(known, verdict);
      const doneAtMs = verdict.completedAtMs ?? (verdict.outcome === 'kept' ? verdict.dueAtMs : null);
      if (doneAtMs === null) collected.stillOpenLate += 1;
      else if (collected.outcomes.length < OUTCOMES_MAX && dueAtMs > verdict.openedAtMs)
        collected.outcomes.push({
          promised: (dueAtMs - verdict.openedAtMs) / MINUTE_MS,
          actual: Math.max(0, doneAtMs - verdict.openedAtMs) / MINUTE_MS,
          atMs: doneAtMs,
        });
    }
    if (!Object.values(document.promises).some(({ verdict }) => verdict?.outcome === 'breached')) return;
    for (const { promiseId, type, delta } of stepsOf(trail, Infinity, this.settings.rules)) {
      const verdict = promiseId === null ? null : document.promises[promiseId]?.verdict;
      if (verdict && type.startsWith('promise.') && delta < 0)
        this.collected(verdict[this.by] ?? 'nobody').pointsLost -= delta;
    }
  }

  result(): PromiseHonesty[] {
    const all = this.plan(
      [...this.keys.values()].flatMap(({ outcomes }) => outcomes),
      null,
    );
    return [...this.keys]
      .flatMap(([key, { outcomes, stillOpenLate, pointsLost }]) => {
        const report = overpromiseReport(outcomes, this.reliability);
        return report ? [{ key, stillOpenLate, pointsLost, report, plan: this.plan(outcomes, all.promise) }] : [];
      })
      .sort((a, b) => b.pointsLost - a.pointsLost || (a.key < b.key ? -1 : 1));
  }

  private plan(outcomes: Collected['outcomes'], fallback: number | null): PlannedPromise {
    const spokenUnit = spokenStepMs(outcomes.map(({ actual }) => actual * MINUTE_MS)) / MINUTE_MS;
    const inTime = [...outcomes].sort((a, b) => a.atMs - b.atMs);
    return planPromise(inTime, { reliability: this.reliability, spokenUnit, fallback });
  }

  private collected(key: string): Collected {
    let collected = this.keys.get(key);
    if (!collected) this.keys.set(key, (collected = { outcomes: [], stillOpenLate: 0, pointsLost: 0 }));
    return collected;
  }
}
