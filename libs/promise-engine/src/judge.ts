import type { PromiseState, Verdict } from '#libs/contracts';
import type { FactPattern, Guarantee, PromiseView } from '#libs/guarantees';
import type { InstantMs } from '#libs/kernel';
import { saidByHand, verdictByHand } from './by-hand.js';
import { completionOf, type Completion, type Pieces } from './completion.js';
import { countedFacts, matches, matchesAny } from './counted-facts.js';
import { deadlineOf, overlaps, type Deadline } from './deadline.js';
import { excuseOf, type Excuse } from './excuses.js';
import { breachAtMs } from './held-breach.js';
import { hasCycles, type Opening } from './openings.js';
import { answersToDisruptions, relevantDisruptions } from './relevant-disruptions.js';
import { inOrder, type Fact, type Letter } from './subject-state.js';
import type { Disruption, Terms } from './terms.js';

/** What the facts say of one promise, given which instants have passed. */
export interface Judgement {
  readonly state: PromiseState;
  readonly verdict: Verdict | null;
  readonly opening: Fact;
  readonly openedAtMs: InstantMs;
  readonly deadline: Deadline;
  readonly dueAtMs: InstantMs;
  /** Last instant that keeps the promise. */
  readonly inTimeUntilMs: InstantMs;
  /** The kept fact that decides, in time or late. */
  readonly completion: Fact | null;
  readonly pieces: Pieces | null;
  /** The cancellation that decides, or that ended a breach's accrual. */
  readonly cancellation: Fact | null;
  readonly failure: Fact | null;
  /** The decision of a person that gave the verdict. */
  readonly decision: Fact | null;
  readonly excuse: Excuse | null;
  readonly owner: string | null;
  readonly completedAtMs: InstantMs | null;
  /** Exact once completed late; null otherwise. */
  readonly latenessMs: number | null;
  /** Bands of lateness crossed by an open breach. */
  readonly band: number;
  /** Declared disruptions that overlap the promise while it has no verdict. */
  readonly touching: readonly Disruption[];
  /** Facts that count, in order. */
  readonly counted: readonly Fact[];
  /** Instants at which time alone may change any of this. */
  readonly wakesMs: readonly InstantMs[];
}

export interface Question {
  readonly opening: Opening;
  readonly promiseId: string;
  /** All facts of the subject, in order (see inOrder). */
  readonly ordered: readonly Fact[];
  readonly letters: readonly Letter[];
  readonly terms: Terms;
  /** Instants up to and including this one have passed. */
  readonly throughMs: InstantMs;
  /** Facts received later change nothing but an outstanding completion; null: no verdict has fallen yet. */
  readonly windowEndMs: InstantMs | null;
}

/**
 * The fold: facts in order and an opening among them give the verdict, whatever the order of arrival. Of kept and
 * cancelled the earliest decides (at the same instant: cancelled); due is inclusive; a cancellation after due undoes no
 * breach. null: this opening is promised nothing.
 */
export function judge(question: Question): Judgement | null {
  const { opening, promiseId, ordered, windowEndMs } = question;
  const counted = countedFacts(opening.guarantee, ordered, promiseId, windowEndMs);
  const disruptions = relevantDisruptions(question, counted);
  const moving = answersToDisruptions(opening.guarantee) ? disruptions.filter(isMoving) : NONE;
  const first = deadlineAt(question, counted, moving, null);
  if (first === null) return null;
  const completion = findCompletion(question, counted, first);
  const isMoved = first.pauses.length > 0 && completion.fact !== null;
  const deadline = isMoved ? deadlineAt(question, counted, moving, completion.fact) : first;
  return new Fold(question, counted, deadline as Deadline, completion, disruptions).judgement();
}

function deadlineAt(
  { opening, throughMs }: Question,
  facts: readonly Fact[],
  disruptions: readonly Disruption[],
  completion: Fact | null,
): Deadline | null {
  return deadlineOf({
    guarantee: opening.guarantee,
    opening: opening.fact,
    spentMs: opening.spentMs,
    facts,
    disruptions,
    throughMs,
    completedAtMs: completion?.occurredAtMs ?? null,
  });
}

const isMoving = ({ effect }: Disruption): boolean => effect === 'pause' || effect === 'extend';

/** Facts of one cycle do not end another: they count from the opening on; without cycles whenever they occurred. */
const endsFromMs = ({ guarantee, fact }: Opening): InstantMs =>
  hasCycles(guarantee) ? fact.occurredAtMs : Number.NEGATIVE_INFINITY;

function findCompletion(question: Question, counted: readonly Fact[], { due }: Deadline): Completion {
  const { opening, promiseId, windowEndMs } = question;
  const { guarantee, fact } = opening;
  const { inTimeUntilMs, dueAtMs } = due;
  const facts = windowEndMs === null ? counted : withLateCompletions(question, counted, windowEndMs, inTimeUntilMs);
  const fromMs = guarantee.evidence.keptAfter === 'any' ? endsFromMs(opening) : fact.occurredAtMs;
  const promise = { opening: fact, openedAtMs: fact.occurredAtMs, dueAtMs };
  return completionOf(guarantee, facts, promise, promiseId, fromMs, inTimeUntilMs);
}

/** Completion is no correction: one after due is heard whenever it comes. */
function withLateCompletions(
  { opening, ordered, promiseId }: Question,
  counted: readonly Fact[],
  windowEndMs: InstantMs,
  inTimeUntilMs: InstantMs,
): readonly Fact[] {
  if (!ordered.some(({ receivedAtMs }) => receivedAtMs > windowEndMs)) return counted;
  const late = countedFacts(opening.guarantee, ordered, promiseId, null).filter(
    ({ receivedAtMs, occurredAtMs }) => receivedAtMs > windowEndMs && occurredAtMs > inTimeUntilMs,
  );
  return late.length === 0 ? counted : inOrder([...counted, ...late]);
}

/** What only some judgements have. */
type Particulars = Partial<
  Pick<Judgement, 'completion' | 'decision' | 'excuse' | 'completedAtMs' | 'latenessMs' | 'band' | 'wakesMs'>
>;

const NONE: readonly never[] = [];
const NO_PARTICULARS: Particulars = {};

class Fold {
  private readonly guarantee: Guarantee;
  private readonly promise: PromiseView;
  private readonly inTimeUntilMs: InstantMs;
  private readonly cancellation: Fact | null;
  private readonly failure: Fact | null;
  /** Bands and budgets are told once word of an earlier completion could have come. */
  private readonly throughMs: InstantMs;

  constructor(
    private readonly question: Question,
    private readonly counted: readonly Fact[],
    private readonly deadline: Deadline,
    private readonly completion: Completion,
    private readonly disruptions: readonly Disruption[],
  ) {
    const { guarantee, fact } = question.opening;
    this.guarantee = guarantee;
    this.throughMs = question.throughMs;
    this.inTimeUntilMs = deadline.due.inTimeUntilMs;
    this.promise = { opening: fact, openedAtMs: fact.occurredAtMs, dueAtMs: deadline.due.dueAtMs };
    this.cancellation = this.first(guarantee.evidence.cancelled, 'cancelled');
    this.failure = this.first(guarantee.evidence.failed, 'failed');
  }

  judgement(): Judgement {
    const { completion, cancellation, failure, inTimeUntilMs } = this;
    const kept = completion.fact;
    const isCancelledFirst = cancellation !== null && (kept === null || cancellation.occurredAtMs <= kept.occurredAtMs);
    const isCancelledBeforeFailure =
      failure === null || cancellation === null || cancellation.occurredAtMs <= failure.occurredAtMs;
    if (isCancelledFirst && isCancelledBeforeFailure && cancellation.occurredAtMs <= inTimeUntilMs)
      return this.end('cancelled', 'cancelled', NO_PARTICULARS);
    if (kept !== null && !isCancelledFirst && kept.occurredAtMs <= inTimeUntilMs)
      return this.end('kept', 'kept', { completion: kept, completedAtMs: kept.occurredAtMs });
    const late = isCancelledFirst ? null : kept;
    return failure === null ? this.withoutEvidence(late) : this.missed(late, this.throughMs);
  }

  /** Nothing in time was heard: time decides, or a person. */
  private withoutEvidence(late: Fact | null): Judgement {
    const { guarantee, inTimeUntilMs, throughMs, deadline } = this;
    const { terms, letters, windowEndMs, opening } = this.question;
    const decision = this.counted.findLast((fact) => saidByHand(fact, this.question.promiseId) === 'decided') ?? null;
    const byHand = decision === null ? null : verdictByHand(decision);
    if (byHand === 'breached') return this.missed(late, throughMs, decision);
    if (byHand !== null) return this.end(byHand, byHand, { decision });
    if (deadline.standing !== null) return this.end('paused', null, { wakesMs: deadline.wakesMs });
    const wouldBreachMs = inTimeUntilMs + guarantee.evidence.allowanceMs;
    // After a first verdict a silent source holds nothing back any more.
    const heldMs =
      windowEndMs === null ? breachAtMs(guarantee, opening.fact, wouldBreachMs, terms, letters) : wouldBreachMs;
    if (throughMs >= heldMs) return this.missed(late, throughMs);
    const wakesMs = [inTimeUntilMs, wouldBreachMs, heldMs];
    if (deadline.wakesMs.length > 0) wakesMs.push(...deadline.wakesMs);
    const isUnknown = throughMs >= wouldBreachMs;
    return this.end(isUnknown ? 'unknown' : throughMs >= inTimeUntilMs ? 'overdue' : 'open', null, { wakesMs });
  }

  private missed(late: Fact | null, throughMs: InstantMs, decision: Fact | null = null): Judgement {
    const { guarantee, deadline, cancellation, inTimeUntilMs } = this;
    const { allowanceMs } = guarantee.evidence;
    const { dueAtMs } = deadline.due;
    const isLate = late !== null && late.occurredAtMs > inTimeUntilMs;
    const latenessMs = isLate ? guarantee.due.latenessMs(deadline.due, late.occurredAtMs) : null;
    const completed = isLate ? { completion: late, completedAtMs: late.occurredAtMs, latenessMs } : {};
    const excuse = excuseOf(guarantee, this.counted, this.promise, this.question.promiseId, this.disruptions);
    const budgetEndMs = excuse?.budgetMs == null ? null : dueAtMs + excuse.budgetMs + allowanceMs;
    const isSpent =
      budgetEndMs !== null &&
      (isLate ? (latenessMs as number) > (excuse?.budgetMs as number) : throughMs >= budgetEndMs);
    if (excuse !== null && !isSpent)
      return this.end('excused', 'excused', {
        ...completed,
        excuse,
        decision,
        wakesMs: budgetEndMs === null ? [] : [budgetEndMs],
      });
    const endMs = cancellation?.occurredAtMs ?? Number.POSITIVE_INFINITY;
    const bands = isLate ? [] : guarantee.bands.filter((bandMs) => dueAtMs + bandMs < endMs);
    const crossings = bands.map((bandMs) => dueAtMs + bandMs + allowanceMs);
    const band = crossings.filter((crossingMs) => throughMs >= crossingMs).length;
    return this.end(isLate ? 'completed-late' : 'breached', 'breached', {
      ...completed,
      band,
      decision,
      wakesMs: crossings,
    });
  }

  private end(state: PromiseState, verdict: Verdict | null, particulars: Particulars): Judgement {
    const { deadline, inTimeUntilMs } = this;
    return {
      state,
      verdict,
      opening: this.question.opening.fact,
      openedAtMs: this.promise.openedAtMs,
      deadline,
      dueAtMs: deadline.due.dueAtMs,
      inTimeUntilMs,
      completion: particulars.completion ?? null,
      pieces: this.completion.pieces,
      cancellation: this.cancellation,
      failure: this.failure,
      decision: particulars.decision ?? null,
      excuse: particulars.excuse ?? null,
      owner: this.owner(),
      completedAtMs: particulars.completedAtMs ?? null,
      latenessMs: particulars.latenessMs ?? null,
      band: particulars.band ?? 0,
      touching: verdict === null ? this.touching() : NONE,
      counted: this.counted,
      wakesMs: particulars.wakesMs ?? NONE,
    };
  }

  private touching(): readonly Disruption[] {
    const { openedAtMs, dueAtMs } = this.promise;
    return this.disruptions.length === 0
      ? NONE
      : this.disruptions.filter((each) => overlaps(each, openedAtMs, dueAtMs));
  }

  private first(patterns: readonly FactPattern[], byHand: 'cancelled' | 'failed'): Fact | null {
    const { promiseId, opening } = this.question;
    const fromMs = endsFromMs(opening);
    for (const fact of this.counted) {
      if (fact.occurredAtMs < fromMs) continue;
      if (matchesAny(patterns, fact, this.promise) || saidByHand(fact, promiseId) === byHand) return fact;
    }
    return null;
  }

  private owner(): string | null {
    const { owned } = this.guarantee.evidence;
    const { promise } = this;
    if (owned.length > 0) {
      for (const fact of [...this.counted].reverse()) {
        const pattern = owned.find((each) => matches(each, fact, promise));
        if (pattern !== undefined) return pattern.owner.evaluate(fact, promise);
      }
    }
    return this.guarantee.opens.owner?.evaluate(promise.opening) ?? null;
  }
}
