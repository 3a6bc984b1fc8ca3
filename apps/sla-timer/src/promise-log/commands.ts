import {
  CONTROL_TYPES,
  type CloudEvent,
  type DisruptionDeclaredData,
  type DisruptionWithdrawnData,
  type GuaranteeRebasedData,
} from '#libs/contracts';
import { parseInstant, ProblemError } from '#libs/kernel';
import type { Sql } from '#libs/persistence';
import { rebaseSubject, reconsider } from '#libs/promise-engine';
import { scopeOf, type ShardTerms } from './shard-terms.js';
import {
  SAVE_COMMAND,
  SAVE_DISRUPTION,
  SUBJECTS_OF_GUARANTEE,
  SUBJECTS_OVERLAPPING,
  WITHDRAW_DISRUPTION,
} from './sql.js';
import { firePending, sweep } from './sweep.js';
import { count, type Turn } from './turn.js';

const COMMANDS: ReadonlySet<string> = new Set([
  CONTROL_TYPES.disruptionDeclared,
  CONTROL_TYPES.disruptionWithdrawn,
  CONTROL_TYPES.guaranteeRebased,
]);

export function isCommand(type: string): boolean {
  return COMMANDS.has(type);
}

/**
 * Applies a command at its place in the log, once: first fires all that is pending, so that the order of timer and
 * command cannot be seen, then decides anew whatever the command touches.
 * @throws ProblemError when it cannot be read: it goes to the dead letters.
 */
export async function applyCommand(turn: Turn, event: CloudEvent, shardTerms: ShardTerms, tx: Sql): Promise<void> {
  await firePending(turn, tx);
  switch (event.type) {
    case CONTROL_TYPES.disruptionDeclared:
      return declare(turn, event.data as unknown as DisruptionDeclaredData, shardTerms, tx);
    case CONTROL_TYPES.disruptionWithdrawn:
      return withdraw(turn, event.data as unknown as DisruptionWithdrawnData, shardTerms, tx);
    case CONTROL_TYPES.guaranteeRebased:
      return rebase(turn, event.data as unknown as GuaranteeRebasedData, tx);
    default:
      throw new Error(`${event.type} is no command`);
  }
}

async function declare(turn: Turn, data: DisruptionDeclaredData, shardTerms: ShardTerms, tx: Sql): Promise<void> {
  const [fromMs, untilMs] = [parseInstant(data.from), parseInstant(data.to)];
  if (fromMs === null || untilMs === null)
    throw new ProblemError({ code: 'FIELD_INVALID', detail: 'from and to are no RFC 3339 instants' });
  scopeOf(data.scope);
  const saved = await tx.query(SAVE_DISRUPTION, [
    turn.shard,
    data.disruptionId,
    fromMs,
    untilMs,
    data.effect,
    data.scope,
    data.reason,
    data.by,
    turn.clock.shardTimeMs,
  ]);
  if (saved.length === 0) return count(turn, 'commands-repeated');
  await changeTerms(turn, shardTerms, tx);
  await reconsiderOverlapping(turn, fromMs, untilMs, tx);
}

async function withdraw(turn: Turn, data: DisruptionWithdrawnData, shardTerms: ShardTerms, tx: Sql): Promise<void> {
  const { disruptionId, by, reason } = data;
  const [withdrawn] = await tx.query<{ fromMs: number; untilMs: number }>(WITHDRAW_DISRUPTION, [
    turn.shard,
    disruptionId,
    turn.clock.shardTimeMs,
    by,
    reason,
  ]);
  if (!withdrawn) return count(turn, 'commands-repeated');
  await changeTerms(turn, shardTerms, tx);
  await reconsiderOverlapping(turn, withdrawn.fromMs, withdrawn.untilMs, tx);
}

async function rebase(turn: Turn, { commandId, guarantee }: GuaranteeRebasedData, tx: Sql): Promise<void> {
  const saved = await tx.query(SAVE_COMMAND, [turn.shard, commandId]);
  if (saved.length === 0) return count(turn, 'commands-repeated');
  await sweep(
    turn,
    { query: SUBJECTS_OF_GUARANTEE, params: [guarantee] },
    (state, atMs) => rebaseSubject(state, guarantee, turn.terms, atMs, atMs),
    tx,
  );
}

/** Disruptions or silences of the shard have changed: what follows is judged by the new ones. */
export async function changeTerms(turn: Turn, shardTerms: ShardTerms, tx: Sql): Promise<void> {
  turn.termsVersion += 1;
  turn.terms = { ...turn.terms, ...(await shardTerms.load(turn.shard, turn.termsVersion, tx)) };
}

function reconsiderOverlapping(turn: Turn, fromMs: number, untilMs: number, tx: Sql): Promise<void> {
  return sweep(
    turn,
    { query: SUBJECTS_OVERLAPPING, params: [untilMs, fromMs] },
    (state, atMs) => reconsider(state, turn.terms, atMs, atMs),
    tx,
  );
}
