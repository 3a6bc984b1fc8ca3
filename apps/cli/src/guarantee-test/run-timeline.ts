import type { PromiseEventData } from '#libs/contracts';
import { compileDisruptionScope, type Guarantee } from '#libs/guarantees';
import { parseInstant, ProblemError, type InstantMs } from '#libs/kernel';
import type { Disruption, Fact } from '#libs/promise-engine';
import { owed, type Owed } from '#libs/remedy-engine';
import { SubjectRun, type Step } from '../judging/subject-run.js';
import type { CaseDisruption, CaseEvent, TimelineCase } from './timeline-case.js';

/** What came of one promise of a case. */
export interface Outcome {
  readonly data: PromiseEventData;
  readonly owed: Owed;
  /** Kinds of the events announced, in order. */
  readonly announced: readonly string[];
}

/** Runs a case through the engines. @returns the promises of the guarantee in order of opening */
export function runTimeline(given: TimelineCase, guarantee: Guarantee, set: readonly Guarantee[]): Outcome[] {
  const facts = given.events.map((event, i) => factOf(event, given, i));
  const disruptions = (given.disruptions ?? []).map(disruptionOf);
  const changes = disruptions.flatMap((each) => [each.declaredAtMs, each.withdrawnAtMs ?? 0]).filter((ms) => ms > 0);
  const steps: Step[] = [
    ...facts.map((fact): Step => ({ atMs: fact.receivedAtMs, fact })),
    ...changes.map((atMs): Step => ({ atMs })),
  ];
  steps.sort((a, b) => a.atMs - b.atMs);
  const lastMs = Math.max(...steps.map(({ atMs }) => atMs), instant(given.asOf) ?? 0);
  const claimAtMs = instant(given.claim?.at);
  const claim = given.claim === undefined || claimAtMs === null ? null : { ...given.claim, atMs: claimAtMs };
  const run = new SubjectRun(set, given.subject ?? given.id, disruptions);
  const judgedPromises = run.judge(steps, lastMs + 1); // wake-ups fire once the clock has passed them
  const [refused] = run.refused;
  if (refused !== undefined) throw new ProblemError({ ...refused, code: 'CASES_INVALID' });
  return judgedPromises
    .filter(({ data }) => data.guarantee === guarantee.name)
    .map((judged) => ({
      data: judged.data,
      announced: judged.announced,
      owed: owed(judged.guarantee, judged.data, { claim, returned: {} }),
    }));
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
