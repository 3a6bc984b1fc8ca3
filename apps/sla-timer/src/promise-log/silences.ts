import type { CopiedAt, SilentSource } from '#libs/contracts';
import type { Sql } from '#libs/persistence';
import { reconsider } from '#libs/promise-engine';
import { changeTerms } from './commands.js';
import type { ShardTerms } from './shard-terms.js';
import { BEGIN_SILENCES, DROP_SILENCES, END_SILENCES, SUBJECTS_UNKNOWN } from './sql.js';
import { firePending, sweep } from './sweep.js';
import type { Turn } from './turn.js';

/** Longer ago than any verdict still asks. */
const KEPT_MS = 30 * 86_400_000;

/**
 * What a tick says of silent sources: a silence begins after the tick before the first that names it and ends at the
 * first that does not. When a source is back, promises that waited for it are decided anew.
 * @param tick.beforeMs instant of the tick before; null: this is the first.
 * @param tick.copiedAt of a tick that was copied: when each of the former shards heard of it, and the tick before
 */
export async function hearSilence(
  turn: Turn,
  tick: {
    readonly atMs: number;
    readonly beforeMs: number | null;
    readonly silent: readonly SilentSource[];
    readonly copiedAt: CopiedAt | null;
  },
  shardTerms: ShardTerms,
  tx: Sql,
): Promise<void> {
  const open = turn.terms.silences.filter(({ untilMs }) => untilMs === null);
  if (tick.silent.length === 0 && open.length === 0) return;
  const named = new Map(tick.silent.map(({ source, by }) => [keyOf(source, by ?? null), { source, by: by ?? null }]));
  const known = new Set(open.map(({ source, by }) => keyOf(source, by)));
  const begun = [...named].flatMap(([key, voice]) => (known.has(key) ? [] : [voice]));
  const ended = open.filter(({ source, by }) => !named.has(keyOf(source, by)));
  if (begun.length + ended.length === 0) return;
  const { ticksMs = null, silentFromMs = null } = tick.copiedAt ?? {};
  const fromMs = tick.beforeMs === null ? tick.atMs : tick.beforeMs + 1;
  await write(BEGIN_SILENCES, begun, [turn.shard, fromMs, silentFromMs], tx);
  await write(END_SILENCES, ended, [turn.shard, tick.atMs, ticksMs], tx);
  await tx.query(DROP_SILENCES, [turn.shard, tick.atMs - KEPT_MS]);
  await changeTerms(turn, shardTerms, tx);
  if (ended.length === 0) return;
  await firePending(turn, tx);
  await sweep(
    turn,
    { query: SUBJECTS_UNKNOWN, params: [] },
    (state, atMs) => reconsider(state, turn.terms, atMs, atMs),
    tx,
  );
}

function keyOf(source: string, by: string | null): string {
  return JSON.stringify([source, by]);
}

async function write(
  statement: string,
  voices: readonly { readonly source: string; readonly by: string | null }[],
  [shard, atMs, byShard]: readonly [shard: number, atMs: number, byShard: readonly number[] | null],
  tx: Sql,
): Promise<void> {
  if (voices.length === 0) return;
  const [sources, names] = [voices.map(({ source }) => source), voices.map(({ by }) => by ?? '')];
  await tx.query(statement, [shard, sources, names, atMs, byShard === null ? null : JSON.stringify(byShard)]);
}
