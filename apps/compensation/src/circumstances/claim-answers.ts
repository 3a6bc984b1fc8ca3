import type { Sql } from '#libs/persistence';
import type { Outgoing } from '#libs/shard-log';
import { claimAnswer } from './claim-answer.js';
import type { Claim } from './claim.js';
import { COUNT_ANSWERS } from './sql.js';

type Answer = Parameters<typeof claimAnswer>[2];

/** The answers that one transaction gives to claims, counted with them: none is given twice. */
export class ClaimAnswers {
  readonly outgoing: Outgoing[] = [];
  private readonly answered = new Set<Claim>();

  constructor(private readonly shardCount: number) {}

  /** A claim that was read for the first time; about several promises it gets an answer for each. */
  answer(claim: Claim, answer: Answer): void {
    this.outgoing.push(claimAnswer(claim, 1, answer, this.shardCount));
    this.answered.add(claim);
  }

  /** The promise was missed after the claim had been answered: it is answered once more. */
  answerAgain(claim: Claim, answer: Answer): void {
    if (claim.answers === 0) return; // it is about to be answered by whoever reads it
    this.outgoing.push(claimAnswer(claim, 2, answer, this.shardCount));
    this.answered.add(claim);
  }

  async save(tx: Sql): Promise<void> {
    const claims = [...this.answered];
    if (claims.length === 0) return;
    await tx.query(COUNT_ANSWERS, [claims.map(({ source }) => source), claims.map(({ eventId }) => eventId)]);
  }
}
