import { HttpProblem } from '#libs/service';
import type { Acceptance } from './accept-events.js';

/**
 * What the sender is told: 202 with what was refused by index; where nothing at all was accepted the refusal itself,
 * as 403 (the key may not speak for any of the sources), 413 (a single oversized event) or 400.
 * @throws HttpProblem
 */
export function answerOf(acceptance: Acceptance, isSingle: boolean): Acceptance {
  const { accepted, rejected } = acceptance;
  const [first] = rejected;
  if (accepted > 0 || first === undefined) return acceptance;
  const extra = { accepted, rejected };
  const { index: _, ...problem } = first;
  const isOne = (code: string): boolean => rejected.every((refusal) => refusal.code === code);
  if (isOne('WRONG_SOURCE')) throw new HttpProblem(403, problem, { extra });
  if (isSingle) throw new HttpProblem(first.code === 'EVENT_TOO_LARGE' ? 413 : 400, problem, { extra });
  if (rejected.length === 1 || isOne(first.code)) throw new HttpProblem(400, problem, { extra });
  const detail = `none of ${rejected.length} was accepted; the first: ${problem.detail}`;
  throw new HttpProblem(
    400,
    { code: 'ALL_REJECTED', detail, advice: 'read `rejected`: each with its index and reason' },
    { extra },
  );
}
