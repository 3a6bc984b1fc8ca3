import { Draft } from './draft.js';
import type { Entitlement } from './entitlement.js';
import { request } from './issue-line.js';
import { decisionOf, type Decision } from './settle-entitlement.js';

/**
 * What time alone does to a line, as of the moment for which it was due: the same whether that is noticed at once or an
 * outage later.
 */
export function wakeLine(entitlement: Entitlement, lineId: string): Decision {
  const { wakeAtMs, state } = entitlement.lines.find((line) => line.lineId === lineId) ?? {};
  if (wakeAtMs === null || wakeAtMs === undefined) throw new Error(`line ${lineId} waits for no time`);
  const draft = new Draft(entitlement.lines, wakeAtMs);
  draft.change(lineId, { wakeAtMs: null });
  if (state === 'waiting') request(draft, lineId);
  return decisionOf(draft);
}
