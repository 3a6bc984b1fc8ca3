import type { Terms } from '#libs/promise-engine';
import { whyVerdict } from '#libs/remedy-engine';

/** The why-sentence of a verdict, in the promise's own zone. */
export const explainJudgement: Terms['explain'] = (guarantee, judgement) =>
  whyVerdict(
    guarantee,
    {
      state: judgement.state,
      verdict: judgement.verdict,
      openedAtMs: judgement.openedAtMs,
      dueAtMs: judgement.dueAtMs,
      dueExplanation: judgement.deadline.due.explain(),
      completedAtMs: judgement.completedAtMs,
      latenessMs: judgement.latenessMs,
      decidedAtMs: judgement.decidedAtMs,
      retracted: judgement.state === 'retracted',
      ...(judgement.completion ? { learnedAtMs: judgement.completion.receivedAtMs } : {}),
      ...(judgement.cancellation ? { cancelledAtMs: judgement.cancellation.occurredAtMs } : {}),
    },
    guarantee.timeZone,
  );
