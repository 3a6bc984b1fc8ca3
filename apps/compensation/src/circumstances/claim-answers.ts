import type { Sql } from '#libs/persistence';
import type { Outgoing } from '#libs/shard-log';
import { answerIdOf, claimAnswer } from './claim-answer.js';
import type { Claim } from './claim.js';
import { COUNT_ANSWERS, FIND_ANSWERS } from './sql.js';

type Answer = Parameters<typeof claimAnswer>[2];

/** The answers that one transaction gives to claims, counted with them: none is given twice. */
export class ClaimAnswers {
  private readonly given = new Map<string, Outgoing>();
  private readonly answered = new Set<Claim>();
  /** By the id of an answer which would make it needless, the id of one of these. */
  private readonly needlessBy = new Map<string, string>();

  constructor(private readonly shardCount: number) {}

  /**
   * To be told before the lines that a claim has brought, which go to the same partition: whoever knows of the line by the topic
   * knows of the claim.
   */
  get outgoing(): Outgoing[] {
    return [...this.given.values()];
  }

  /** A claim that was read for the first time; about several promises it gets an answer for each. */
  answer(claim: Claim, answer: Answer): void {
    this.give(claim, 1, answer);
  }

  /** The promise was missed after the claim had been answered: it is answered once more. */
  answerAgain(claim: Claim, answer: Answer): void {
    this.give(claim, 2, answer);
  }

  async save(tx: Sql): Promise<void> {
    const claims = [...this.answered];
    if (claims.length === 0) return;
    await tx.query(COUNT_ANSWERS, [claims.map(({ source }) => source), claims.map(({ eventId }) => eventId)]);
    // Told before the database was put back: under one id there is one answer, and a miss is not news to whom it was told.
    const rows = await tx.query<{ eventId: string }>(FIND_ANSWERS, [[...this.needlessBy.keys()]]);
    for (const { eventId } of rows) this.given.delete(this.needlessBy.get(eventId) as string);
  }

  private give(claim: Claim, n: number, answer: Answer): void {
    const id = answerIdOf(claim, n, answer.entitlement);
    this.given.set(id, claimAnswer(claim, n, answer, this.shardCount));
    for (let before = 1; before <= n; before++) this.needlessBy.set(answerIdOf(claim, before, answer.entitlement), id);
    this.answered.add(claim);
  }
}
