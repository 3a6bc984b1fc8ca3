import type { PromiseEventData } from '#libs/contracts';
import type { Guarantee } from '#libs/guarantees';
import type { InstantMs, Problem } from '#libs/kernel';
import {
  decideOnFact,
  fireDue,
  newSubject,
  reconsider,
  takeIn,
  tellPromise,
  type Decided,
  type Disruption,
  type Fact,
  type SubjectState,
  type Terms,
} from '#libs/promise-engine';
import { whyVerdict } from '#libs/remedy-engine';

/** One thing that happens to a subject. */
export interface Step {
  /** When it is learned. */
  readonly atMs: InstantMs;
  /** Without one: from now on other disruptions are known. */
  readonly fact?: Fact;
}

/** How a promise ended up. */
export interface JudgedPromise {
  readonly guarantee: Guarantee;
  readonly data: PromiseEventData;
  /** Kinds of the events announced, in order. */
  readonly announced: readonly string[];
}

/**
 * One subject through the promise engine as sla-timer takes it, its clock being the steps' own: what is due fires before
 * each step behind it.
 */
export class SubjectRun {
  /** Facts that would have become dead letters. */
  readonly refused: Problem[] = [];
  private state: SubjectState;
  private known: readonly Disruption[] = [];
  private readonly announced = new Map<string, string[]>();

  constructor(
    private readonly guarantees: readonly Guarantee[],
    subject: string,
    private readonly disruptions: readonly Disruption[] = [],
  ) {
    this.state = newSubject(subject);
  }

  /**
   * @param steps in the order of their instants
   * @param untilMs wake-ups before it fire
   * @returns the promises in order of opening
   */
  judge(steps: readonly Step[], untilMs: InstantMs): JudgedPromise[] {
    for (const step of steps) this.take(step);
    this.now(untilMs);
    this.hear(fireDue(this.state, this.terms(), untilMs));
    return [...this.state.promises]
      .sort((a, b) => a.openedAtMs - b.openedAtMs)
      .flatMap(({ promiseId }) => {
        const told = tellPromise(this.state, promiseId, this.terms());
        if (told === null) return [];
        return { guarantee: told.guarantee, data: told.data, announced: this.announced.get(promiseId) ?? [] };
      });
  }

  private take({ atMs, fact }: Step): void {
    this.now(atMs);
    this.hear(fireDue(this.state, this.terms(), atMs));
    if (fact === undefined) return this.hear(reconsider(this.state, this.terms(), atMs, atMs));
    const taken = takeIn(this.state, fact);
    if (taken.kind === 'refused')
      this.refused.push({ code: taken.reason, detail: `event ${fact.id}: ${taken.detail}` });
    if (taken.kind === 'new') this.hear(decideOnFact(taken.state, fact, this.terms(), atMs));
  }

  private now(atMs: InstantMs): void {
    this.known = this.disruptions.flatMap((each) => {
      if (each.declaredAtMs > atMs) return [];
      const isWithdrawn = each.withdrawnAtMs !== null && each.withdrawnAtMs <= atMs;
      return { ...each, withdrawnAtMs: isWithdrawn ? each.withdrawnAtMs : null };
    });
  }

  private hear({ state, announcements }: Decided): void {
    this.state = state ?? newSubject(this.state.subject);
    for (const { kind, data } of announcements) {
      const kinds = this.announced.get(data.promiseId) ?? [];
      this.announced.set(data.promiseId, [...kinds, kind]);
    }
  }

  private terms(): Terms {
    const { guarantees } = this;
    return {
      active: guarantees,
      pinned: (name, version) => guarantees.find((each) => each.name === name && each.version === version) ?? null,
      names: (type) => guarantees.some(({ factTypes }) => factTypes.has(type)),
      disruptions: this.known,
      silences: [],
      explain: (guarantee, told) =>
        whyVerdict(guarantee, { ...told, dueExplanation: told.deadline.due.explain() }, guarantee.timeZone),
    };
  }
}
