import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { endsOf } from '../oracle/log-tail.js';
import type { Stage } from '../stage/stage.js';

/** What a run looked like at one moment; null: could not be seen, since broker or database was away. */
export interface Sample {
  readonly atMs: number;
  readonly acknowledged: number;
  readonly verdicts: number;
  /** Records unread, by service. */
  readonly lag: Readonly<Record<string, number>> | null;
}

const EVERY_MS = 2_000;
const READERS: Readonly<Record<string, { readonly schema: string; readonly topics: readonly string[] }>> = {
  'sla-timer': { schema: 'sla_timer', topics: ['makegood.events.v1'] },
  compensation: { schema: 'compensation', topics: ['makegood.promises.v1', 'makegood.settlements.v1'] },
  loyalty: { schema: 'loyalty', topics: ['makegood.promises.v1', 'makegood.compensations.v1', 'makegood.signals.v1'] },
};

/** Looks at lag and memory every two seconds, from outside: log ends, offset tables, /proc. */
export class Watch {
  readonly samples: Sample[] = [];
  /** Most resident memory seen, in MiB, by instance. */
  readonly peakMib: Record<string, number> = {};

  constructor(
    private readonly stage: Stage,
    private readonly progress: () => { readonly acknowledged: number; readonly verdicts: number },
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    const startMs = Date.now();
    while (!signal.aborted) {
      this.lookAtMemory();
      const lag = await lagOf(this.stage).catch(() => null);
      this.samples.push({ atMs: Date.now() - startMs, ...this.progress(), lag });
      await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private lookAtMemory(): void {
    for (const { name, pid } of this.stage.instances) {
      const mib = pid === null ? 0 : residentMib(pid);
      this.peakMib[name] = Math.max(this.peakMib[name] ?? 0, mib);
    }
  }
}

function residentMib(pid: number): number {
  try {
    const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kib ?? 0) / 1_024);
  } catch {
    return 0;
  }
}

/** Records that each service has not applied yet. */
export async function lagOf(stage: Stage): Promise<Record<string, number>> {
  const all = [...new Set(Object.values(READERS).flatMap(({ topics }) => topics))];
  const ends = await Promise.race([
    endsOf(stage.brokers, all),
    sleep(4_000).then(() => Promise.reject(new Error('away'))),
  ]);
  const lag: Record<string, number> = {};
  for (const [service, { schema, topics }] of Object.entries(READERS)) {
    const rows = await stage.query<{ place: string; next: string }>(
      `select topic || '/' || shard as place, next_offset as next from ${schema}.shard_offset where topic = any($1)`,
      [topics],
    );
    const next = new Map(rows.map((row) => [row.place, Number(row.next)]));
    lag[service] = [...ends]
      .filter(([place]) => topics.some((topic) => place.startsWith(`${topic}/`)))
      .reduce((sum, [place, end]) => sum + Math.max(0, end - (next.get(place) ?? 0)), 0);
  }
  return lag;
}

/** Rows committed and not yet published, over all services. */
export async function outboxRows(stage: Stage): Promise<number> {
  const parts = Object.values(READERS).map(({ schema }) => `(select count(*) from ${schema}.outbox)`);
  const [row] = await stage.query<{ rows: string }>(`select ${parts.join(' + ')} as rows`);
  return Number(row?.rows);
}
