import type { Problem } from '#libs/kernel';
import type { Sql } from '#libs/persistence';
import type { Claim } from '../circumstances/claim.js';
import type { LineDecision } from '../entitlement/apply-decision.js';
import { FIND_AUTHORS, FIND_DECISIONS, SAVE_DECISIONS } from './sql.js';

interface Noted {
  readonly eventId: string;
  readonly input: LineDecision;
  readonly problem: Problem | null;
}

/** Every decision with its outcome: who, what, why, when. Refused ones as well. */
export class DecisionRecords {
  private readonly noted: Noted[] = [];

  private constructor(
    private readonly known: Set<string>,
    private readonly authors: readonly string[],
  ) {}

  static async open(
    decisions: readonly { readonly eventId: string }[],
    promiseIds: readonly string[],
    tx: Sql,
  ): Promise<DecisionRecords> {
    if (decisions.length === 0) return new DecisionRecords(new Set(), []);
    const eventIds = decisions.map(({ eventId }) => eventId);
    const known = await tx.query<{ eventId: string }>(FIND_DECISIONS, [eventIds]);
    const authors = await tx.query<{ actor: string }>(FIND_AUTHORS, [promiseIds]);
    return new DecisionRecords(
      new Set(known.map(({ eventId }) => eventId)),
      authors.map(({ actor }) => actor),
    );
  }

  isKnown(eventId: string): boolean {
    return this.known.has(eventId);
  }

  /** Who configured the terms or filed a claim for somebody: their approval would be of their own. */
  involvedIn(claims: readonly Claim[]): ReadonlySet<string> {
    return new Set([...this.authors, ...claims.flatMap(({ actor }) => (actor === null ? [] : [actor]))]);
  }

  note(eventId: string, input: LineDecision, problem: Problem | null): void {
    this.known.add(eventId);
    this.noted.push({ eventId, input, problem });
  }

  async save(tx: Sql): Promise<void> {
    if (this.noted.length === 0) return;
    const inputs = this.noted.map(({ input }) => input);
    await tx.query(SAVE_DECISIONS, [
      this.noted.map(({ eventId }) => eventId),
      inputs.map(({ lineId }) => lineId),
      inputs.map(({ verb }) => verb),
      inputs.map(({ by }) => by),
      inputs.map(({ reason }) => reason),
      inputs.map(({ amount }) => amount?.amountMinor ?? null),
      inputs.map(({ amount }) => amount?.currency ?? null),
      inputs.map(({ atMs }) => atMs),
      this.noted.map(({ problem }) => problem?.code ?? 'applied'),
      this.noted.map(({ problem }) => problem?.detail ?? null),
    ]);
  }
}
