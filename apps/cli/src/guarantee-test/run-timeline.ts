import { compileDisruptionScope, type Guarantee } from '#libs/guarantees';
import { parseInstant, ProblemError, type InstantMs } from '#libs/kernel';
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
import { owed, whyVerdict, type Owed } from '#libs/remedy-engine';
import type { PromiseEventData } from '#libs/contracts';
import type { CaseDisruption, CaseEvent, TimelineCase } from './timeline-case.js';

/** What came of one promise of a case. */
export interface Outcome {
  readonly data: PromiseEventData;
  readonly owed: Owed;
  /** Kinds of the events announced, in order. */
  readonly announced: readonly string[];
}

interface Step {
  readonly atMs: InstantMs;
  readonly fact?: Fact;
  /** From now on these disruptions are known. */
  readonly world?: true;
}

/**
 * Runs a case through the engines as sla-timer does, its clock being the events' own: what is due fires before each
 * record behind it. @returns the promises of the guarantee in order of opening
 */
export function runTimeline(given: TimelineCase, guarantee: Guarantee, set: readonly Guarantee[]): Outcome[] {
  const facts = given.events.map((event, i) => factOf(event, given, i));
  const disruptions = (given.disruptions ?? []).map(disruptionOf);
  const changes = disruptions.flatMap((each) => [each.declaredAtMs, each.withdrawnAtMs ?? 0]).filter((ms) => ms > 0);
  const steps: Step[] = [
    ...facts.map((fact): Step => ({ atMs: fact.receivedAtMs, fact })),
    ...changes.map((atMs): Step => ({ atMs, world: true })),
  ];
  steps.sort((a, b) => a.atMs - b.atMs);
  const lastMs = Math.max(...steps.map(({ atMs }) => atMs), instant(given.asOf) ?? 0);
  return new Run(set, given.subject ?? given.id, disruptions).outcomes(steps, lastMs, guarantee, given);
}

class Run {
  private state: SubjectState;
  private known: readonly Disruption[] = [];
  private readonly announced = new Map<string, string[]>();

  constructor(
    private readonly set: readonly Guarantee[],
    subject: string,
    private readonly disruptions: readonly Disruption[],
  ) {
    this.state = newSubject(subject);
  }

  outcomes(steps: readonly Step[], lastMs: InstantMs, guarantee: Guarantee, given: TimelineCase): Outcome[] {
    for (const step of steps) this.take(step);
    this.now(lastMs);
    // Wake-ups fire once shard time has passed them.
    this.hear(fireDue(this.state, this.terms(), lastMs + 1));
    const claimAtMs = instant(given.claim?.at);
    const claim = given.claim === undefined || claimAtMs === null ? null : { ...given.claim, atMs: claimAtMs };
    return this.state.promises
      .filter((promise) => promise.guarantee === guarantee.name)
      .sort((a, b) => a.openedAtMs - b.openedAtMs)
      .flatMap(({ promiseId }) => {
        const told = tellPromise(this.state, promiseId, this.terms());
        if (told === null) return [];
        const announced = this.announced.get(promiseId) ?? [];
        return { data: told.data, owed: owed(told.guarantee, told.data, { claim, returned: {} }), announced };
      });
  }

  private take({ atMs, fact }: Step): void {
    this.now(atMs);
    this.hear(fireDue(this.state, this.terms(), atMs));
    if (fact === undefined) return this.hear(reconsider(this.state, this.terms(), atMs, atMs));
    const taken = takeIn(this.state, fact);
    if (taken.kind === 'refused')
      throw new ProblemError({ code: 'CASES_INVALID', detail: `event ${fact.id}: ${taken.detail}` });
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
    return {
      active: this.set,
      pinned: (name, version) => this.set.find((each) => each.name === name && each.version === version) ?? null,
      names: (type) => this.set.some(({ factTypes }) => factTypes.has(type)),
      disruptions: this.known,
      silences: [],
      explain: (guarantee, told) =>
        whyVerdict(guarantee, { ...told, dueExplanation: told.deadline.due.explain() }, guarantee.timeZone),
    };
  }
}

function factOf(event: CaseEvent, given: TimelineCase, index: number): Fact {
  const claimedAtMs = instant(event.at) ?? 0;
  const receivedAtMs = Math.max(instant(event.received) ?? claimedAtMs, 0);
  const known = Object.entries(event.customer ?? {}).map(([name, value]) => [`customer${name.toLowerCase()}`, value]);
  return {
    id: event.id ?? `${given.id}-${index + 1}`,
    source: event.source ?? 'cases',
    type: event.type,
    subject: given.subject ?? given.id,
    claimedAtMs,
    occurredAtMs: Math.min(claimedAtMs, receivedAtMs),
    receivedAtMs,
    revision: 0,
    data: event.data ?? {},
    extensions: Object.fromEntries(known) as Record<string, unknown>,
  };
}

function disruptionOf(given: CaseDisruption, index: number): Disruption {
  const scope = compileDisruptionScope(given.scope);
  const [fromMs, untilMs] = [instant(given.from), instant(given.to)];
  if (scope.matches === undefined) throw new ProblemError(scope.problems[0] ?? { code: 'CASES_INVALID', detail: '' });
  if (fromMs === null || untilMs === null)
    throw new ProblemError({ code: 'CASES_INVALID', detail: `disruption ${index + 1} needs instants in from and to` });
  return {
    id: `disruption-${index + 1}`,
    fromMs,
    untilMs,
    effect: given.effect ?? 'excuse',
    scope,
    reason: 'a case of its own',
    declaredAtMs: instant(given.declared) ?? 0,
    withdrawnAtMs: instant(given.withdrawn),
  };
}

function instant(text: string | undefined): InstantMs | null {
  return parseInstant(text);
}
