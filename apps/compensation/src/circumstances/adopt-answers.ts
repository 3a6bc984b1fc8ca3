import type { CloudEvent } from '#libs/contracts';
import { parseInstant } from '#libs/kernel';
import type { Sql } from '#libs/persistence';
import { CLAIM_ANSWERED_TYPE, type ClaimAnswerData } from './claim-answer.js';
import type { Claim } from './claim.js';
import { saveClaims } from './save-circumstances.js';
import { ADOPT_ANSWERS, COUNT_ANSWERS, OWN_CIRCUMSTANCES } from './sql.js';

/**
 * A database older than the topics learns the claims that were answered, with their answers, so that none is answered again as if
 * it were new. That a promise is not read again without its claims is seen to by reading settlements first.
 */
export async function adoptAnswers(events: readonly CloudEvent[], tx: Sql): Promise<void> {
  const answers = events.filter(({ type }) => type === CLAIM_ANSWERED_TYPE);
  if (answers.length === 0) return;
  await tx.query(OWN_CIRCUMSTANCES);
  await tx.query(ADOPT_ANSWERS, [answers.map(({ id }) => id)]);
  const claims = answers.flatMap(({ data }) => claimOf(data as unknown as ClaimAnswerData) ?? []);
  const fresh = [...(await saveClaims(claims, tx))];
  if (fresh.length > 0)
    await tx.query(COUNT_ANSWERS, [fresh.map(({ source }) => source), fresh.map(({ eventId }) => eventId)]);
}

/** null: an answer of an older version, which does not say what it answers. */
function claimOf({ claimId, claimSource, claimant, claim }: Partial<ClaimAnswerData>): Claim | null {
  const atMs = parseInstant(claim?.at);
  if (!claim || atMs === null || claimId === undefined || claimSource === undefined) return null;
  return {
    source: claimSource,
    eventId: claimId,
    promiseId: claim.promise ?? null,
    subject: claim.subject ?? null,
    refs: claim.refs ?? {},
    claimant: claimant ?? '',
    channel: claim.channel ?? null,
    atMs,
    wants: claim.wants ?? null,
    actor: claim.actor ?? null,
    answers: 0,
  };
}
