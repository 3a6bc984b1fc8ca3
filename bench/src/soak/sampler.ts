import { TOPICS } from '#libs/contracts';
import { LogReader } from '#libs/messaging';
import { rssKib } from '../../../apps/cli/src/stack/process-table.js';
import type { Rehearsed } from '../live/rehearse.js';
import { cpuMsOf } from '../pipeline/cpu.js';
import { latenciesOf } from '../live/statistics.js';

/** What sla-timer looked like over the last seconds. */
export interface Sample {
  readonly atMs: number;
  readonly residentMiB: number;
  /** Promises that wake up again, and all that were opened. */
  readonly openPromises: number;
  readonly allPromises: number;
  /** Bytes of tables and indexes that hold only what is open. */
  readonly openBytes: number;
  /** Bytes of those that keep what is settled. */
  readonly historyBytes: number;
  /** By table and index, kilobytes. */
  readonly kibByRelation: Readonly<Record<string, number>>;
  readonly deadTuples: number;
  readonly lagRecords: number;
  /** From a fact to its verdict; null: none was seen. */
  readonly factP50Ms: number | null;
  readonly factP99Ms: number | null;
  /** From the end of an allowance to its breach. */
  readonly breachP99Ms: number | null;
  /** Of one core. */
  readonly cpuShare: number;
  readonly databaseCpuShare: number;
}

/** What keeps settled promises: it grows with them, as it is to. Everything else is emptied as promises settle. */
const HISTORY = /^(settled_subject.*|promise|promise_.*|document_word.*)$/;

const RELATIONS = (schema: string): string => `
select c.relname as relation, c.relkind as kind, coalesce(s.n_dead_tup, 0) as dead,
  case c.relkind when 'r' then pg_table_size(c.oid) else pg_relation_size(c.oid) end as bytes
from pg_class c left join pg_stat_user_tables s on s.relid = c.oid
where c.relnamespace = '${schema}'::regnamespace and c.relkind in ('r', 'i')`;
const OPEN = (schema: string): string => `select count(*) as open from ${schema}.subject`;

/** What is measured elsewhere between two samples. */
export interface Seen {
  readonly opened: number;
  readonly factMs: readonly number[];
  readonly breachMs: readonly number[];
}

export class Sampler {
  private before: { readonly atMs: number; readonly ownMs: number; readonly databaseMs: number };

  constructor(
    private readonly rehearsed: Rehearsed,
    private readonly reader: LogReader,
    private readonly databasePid: number,
  ) {
    this.before = this.cpu();
  }

  async take(atMs: number, seen: Seen): Promise<Sample> {
    const { rehearsed } = this;
    const { schema, query, applied, pid } = rehearsed;
    const now = this.cpu();
    const share = (ms: number): number => ms / Math.max(1, now.atMs - this.before.atMs);
    const [cpuShare, databaseCpuShare] = [
      share(now.ownMs - this.before.ownMs),
      share(now.databaseMs - this.before.databaseMs),
    ];
    this.before = now;
    const offsets = await this.reader.offsetsOf(TOPICS.events);
    const written = offsets.reduce((sum, { high }) => sum + high, 0);
    const lagRecords = Math.max(0, written - (await applied()));
    const relations = await query<{ relation: string; kind: string; dead: string; bytes: string }>(RELATIONS(schema));
    const [counted] = await query<{ open: string }>(OPEN(schema));
    const bytesOf = (isHistory: boolean): number =>
      relations
        .filter(({ relation }) => HISTORY.test(relation) === isHistory)
        .reduce((sum, { bytes }) => sum + Number(bytes), 0);
    const facts = seen.factMs.length > 0 ? latenciesOf(seen.factMs) : null;
    return {
      atMs,
      residentMiB: Math.round((rssKib(pid()) ?? 0) / 1_024),
      openPromises: Number(counted?.open ?? 0),
      allPromises: seen.opened,
      openBytes: bytesOf(false),
      historyBytes: bytesOf(true),
      kibByRelation: Object.fromEntries(
        relations.map(({ relation, bytes }) => [relation, Math.round(Number(bytes) / 1_024)]),
      ),
      deadTuples: relations.reduce((sum, { dead }) => sum + Number(dead), 0),
      lagRecords,
      factP50Ms: facts?.p50Ms ?? null,
      factP99Ms: facts?.p99Ms ?? null,
      breachP99Ms: seen.breachMs.length > 0 ? latenciesOf(seen.breachMs).p99Ms : null,
      cpuShare,
      databaseCpuShare,
    };
  }

  private cpu(): { atMs: number; ownMs: number; databaseMs: number } {
    const [ownMs, databaseMs] = [this.rehearsed.pid(), this.databasePid].map((pid) => cpuMsOf(pid) ?? 0);
    return { atMs: performance.now(), ownMs: ownMs ?? 0, databaseMs: databaseMs ?? 0 };
  }
}
