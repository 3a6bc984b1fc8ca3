import { Draft } from './draft.js';
import type { Entitlement } from './entitlement.js';
import { request } from './issue-line.js';
import type { WordsOfReminder } from './reminders.js';
import { decisionOf, type Decision } from './settle-entitlement.js';
import { wakeUnclaimed } from './unclaimed.js';

/**
 * What time alone does to a line, as of the moment for which it was due: the same whether that is noticed at once or an
 * outage later.
 */
export function wakeLine(entitlement: Entitlement, lineId: string, wordsOf: WordsOfReminder): Decision {
  const line = entitlement.lines.find((one) => one.lineId === lineId);
  if (!line || line.wakeAtMs === null) throw new Error(`line ${lineId} waits for no time`);
  const { wakeAtMs, state } = line;
  const draft = new Draft(entitlement.lines, wakeAtMs);
  draft.change(lineId, { wakeAtMs: null });
  if (state === 'waiting') request(draft, lineId);
  if (state === 'unclaimed') wakeUnclaimed(entitlement, draft, line, wordsOf);
  return decisionOf(draft);
}
