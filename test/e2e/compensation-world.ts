import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  partitionOf,
  TOPICS,
  type PromiseEventData,
  type SettlementData,
  type SettlementStatus,
} from '#libs/contracts';
import { breachIdOf, formatInstant, lineIdOf, parseInstant, promiseEventIdOf, promiseIdOf } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';
import { openDatabase, type Database } from '#libs/persistence';
import { loadSignals } from '#libs/signals';
import { KIT_MIGRATIONS, type Finding } from '#libs/service';
import type { Effects, Rejected } from '#libs/shard-log';
import { createProcessor, type CompensationProcessor } from '../../apps/compensation/src/compensation-processor.js';
import { MIGRATIONS } from '../../apps/compensation/src/migrations/index.js';
import { BooksCheck } from '../../apps/compensation/src/self-check/books-check.js';
import { GuaranteeTerms } from '../../apps/compensation/src/terms/guarantee-terms.js';
import { TemplateLibrary } from '../../apps/compensation/src/words/template-library.js';

/** What a database needs before a world is put on it. */
export const COMPENSATION_TABLES = [...MIGRATIONS, ...KIT_MIGRATIONS];
const SHARDS = 12;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const GUARANTEE = 'ems-express';
const SIGNALS = { file: 'signals.yaml', text: readFileSync(`${ROOT}/samples/signals.yaml`, 'utf8') };

export const BREACHED_AT = parseInstant('2018-05-03T18:00:00Z') as number;
export const HOUR_MS = 3_600_000;
/** What the self-check says of sound books. */
export const NO_DRIFT = {
  currenciesUnbalanced: 0,
  linesUnlikeEntries: 0,
  linesUnlikeThemselves: 0,
  promisesUnlikeLines: 0,
  linesInTwoExports: 0,
};

type Options = { readonly guarantees?: boolean; readonly terms?: string; readonly hasPayouts?: boolean };

export interface Told {
  readonly type: string;
  readonly subject: string;
  readonly data: {
    readonly lineId: string;
    readonly lineSequence: number;
    readonly reason?: string;
    readonly body?: string;
  };
}

/** The service's processor on a schema of its own, fed by hand with what would come from the topics. */
export class CompensationWorld {
  /** Everything that went out, as records of `makegood.compensations.v1`. */
  readonly output: LogRecord[] = [];
  readonly rejected: Omit<Rejected, 'record'>[] = [];
  private nextOffset = 0;

  private constructor(
    readonly database: Database,
    readonly templates: TemplateLibrary,
    readonly processor: CompensationProcessor,
  ) {}

  static async open(databaseUrl: string, options: Options = {}): Promise<CompensationWorld> {
    const schema = `compensation_${randomUUID().slice(0, 8)}`;
    const place = { url: databaseUrl, schema, applicationName: schema };
    return CompensationWorld.on(await openDatabase({ ...place, migrations: COMPENSATION_TABLES }), options);
  }

  static async on(database: Database, options: Options = {}): Promise<CompensationWorld> {
    const templates = TemplateLibrary.read(`${ROOT}/templates`);
    const processor = createProcessor(new GuaranteeTerms(), templates, {
      shardCount: SHARDS,
      routeByDefault: 'topic',
      hasPayouts: options.hasPayouts ?? false,
      isLive: true,
      signals: loadSignals(SIGNALS),
    });
    const world = new CompensationWorld(database, templates, processor);
    if (options.guarantees !== false) await world.learnGuarantee(options.terms);
    return world;
  }

  /** @param terms YAML put at the end of the shipped guarantee */
  async learnGuarantee(terms = ''): Promise<void> {
    const text = guaranteeText(terms);
    await this.database.query('insert into guarantee_file values ($1, $2, 1, $3, $4, $5)', [
      'guarantee',
      GUARANTEE,
      `guarantees/${GUARANTEE}.yaml`,
      text,
      createHash('sha256').update(text).digest('hex'),
    ]);
  }

  async apply(topic: string, records: readonly LogRecord[]): Promise<Told[]> {
    return this.take(await this.applyQuietly(topic, records));
  }

  /** Without taking note of what went out, for what runs side by side. */
  applyQuietly(topic: string, records: readonly LogRecord[]): Promise<Effects> {
    const shard = records[0]?.partition ?? 0;
    return this.database.transaction((tx) => this.processor.apply({ shard, topic, records }, tx));
  }

  take(effects: Effects): Told[] {
    const fresh = effects.outgoing.map((record, i) => ({
      ...record,
      offset: this.output.length + i,
      timestampMs: record.timestampMs ?? 0,
      value: Buffer.from(record.value),
    }));
    this.output.push(...fresh);
    this.rejected.push(...effects.rejected.map(({ record: _, ...rejected }) => rejected));
    return fresh.map(({ value }) => JSON.parse(value.toString()) as Told);
  }

  /** Lets every shard go on with what is due, until nothing is. */
  async drain(): Promise<Told[]> {
    const told: Told[] = [];
    for (let shard = 0; shard < SHARDS; shard++) {
      for (let pending = true; pending;) {
        const effects = await this.database.transaction((tx) => this.processor.drain(shard, tx));
        told.push(...this.take(effects));
        pending = effects.pending;
      }
    }
    return told;
  }

  /** A command of the control topic, as intake copies it to every partition. */
  async toEveryShard(event: object): Promise<void> {
    for (let partition = 0; partition < SHARDS; partition++) {
      await this.apply(TOPICS.settlements, [{ ...this.record(TOPICS.settlements, 'control', event), partition }]);
    }
  }

  /** A person's decision about a line, over what they saw of it. */
  decision(
    verb: 'approve' | 'reject',
    lineId: string,
    by: string,
    amountMinor: number,
    more: { id?: string; reason?: string } = {},
  ): LogRecord {
    return this.record(TOPICS.settlements, lineId, {
      specversion: '1.0',
      id: more.id ?? randomUUID(),
      source: 'makegood/operator',
      type: `makegood.line.${verb}`,
      subject: lineId,
      time: formatInstant(BREACHED_AT + 2 * HOUR_MS),
      data: { lineId, by, amount: { amountMinor, currency: 'CNY' }, reason: more.reason ?? 'looked at it' },
    });
  }

  /** An event of upstream about money: `claim.filed`, `money.returned`. */
  upstream(type: string, subject: string, data: object, id: string = randomUUID()): LogRecord {
    return this.record(TOPICS.settlements, subject, {
      specversion: '1.0',
      id,
      source: 'shop',
      type,
      subject,
      time: formatInstant(BREACHED_AT + HOUR_MS),
      data,
    });
  }

  /** What the self-check finds when it looks at everything. */
  async disagreements(): Promise<readonly Finding[]> {
    const check = new BooksCheck(this.database, new GuaranteeTerms());
    return (await check.page('', 10_000, () => true)).findings;
  }

  async outcomes(): Promise<string[]> {
    const rows = await this.database.query<{ outcome: string }>('select outcome from line_decision order by event_id');
    return rows.map(({ outcome }) => outcome);
  }

  async adopt(records: readonly LogRecord[]): Promise<void> {
    await this.database.transaction((tx) => this.processor.adopt({ shard: 0, nextOffsets: new Map() }, records, tx));
  }

  /** Sum of all entries by account kind; customers' references cut off. */
  async balances(): Promise<Record<string, number>> {
    const rows = await this.database.query<{ account: string; balance: number }>(
      `select split_part(account, ':', 1) as account, sum(amount_minor)::bigint as balance from ledger_entry group by 1`,
    );
    return Object.fromEntries(rows.map(({ account, balance }) => [account, balance]));
  }

  async lines(
    subject: string,
  ): Promise<{ remedyId: string; n: number; state: string; amountMinor: number; lineSequence: number }[]> {
    return this.database.query(
      `select remedy_id as "remedyId", n, state, amount_minor as "amountMinor", line_sequence as "lineSequence"
       from line join entitlement using (promise_id) where subject = $1 order by remedy_id, n`,
      [subject],
    );
  }

  promise(kind: string, change: Partial<PromiseEventData> & { subject: string; sequence: number }): LogRecord {
    const promiseId = promiseIdOf(GUARANTEE, change.subject, '');
    const customer = change.customer ?? 'C-1';
    const decidedAt = change.decidedAt ?? formatInstant(BREACHED_AT);
    const data = {
      promiseId,
      guarantee: GUARANTEE,
      guaranteeVersion: 1,
      mode: 'live',
      promiseType: 'delivery',
      cycle: '',
      customer,
      parties: { customer },
      refs: { item: change.subject },
      state: kind,
      verdict: 'breached',
      openedAt: '2018-05-01T00:00:00.000Z',
      dueAt: '2018-05-03T12:00:00.000Z',
      decidedAt,
      breachId: breachIdOf(promiseId),
      base: { postage: { amountMinor: 2_200, currency: 'CNY' } },
      facts: {},
      evidence: [],
      explanation: [],
      reasons: [],
      ...change,
    };
    const id = promiseEventIdOf(promiseId, change.sequence);
    return this.record(TOPICS.promises, customer, {
      specversion: '1.0',
      id,
      source: 'makegood/sla-timer',
      type: `makegood.promise.${kind}`,
      subject: change.subject,
      time: decidedAt,
      data,
    });
  }

  retracted(subject: string, sequence: number, decidedAtMs = BREACHED_AT + HOUR_MS): LogRecord {
    return this.promise('retracted', { subject, sequence, verdict: 'kept', decidedAt: formatInstant(decidedAtMs) });
  }

  settlement(status: SettlementStatus, data: Omit<SettlementData, 'paidAt'> & { paidAt?: string }): LogRecord {
    const time = data.paidAt ?? '2018-05-04T00:00:00.000Z';
    return this.record(TOPICS.settlements, data.lineId, {
      specversion: '1.0',
      id: randomUUID(),
      source: 'finance',
      type: `makegood.settlement.${status}`,
      subject: data.lineId,
      time,
      data: { paidAt: time, ...data },
    });
  }

  tick(atMs: number, partition = 0): LogRecord {
    const event = {
      specversion: '1.0',
      id: String(atMs),
      source: 'makegood/sla-timer',
      type: 'makegood.tick',
      data: {},
    };
    return { ...this.record(TOPICS.promises, 'tick', event), partition, timestampMs: atMs };
  }

  record(topic: string, key: string, event: object): LogRecord {
    const partition = partitionOf(key, SHARDS);
    return {
      topic,
      partition,
      offset: this.nextOffset++,
      timestampMs: BREACHED_AT,
      key,
      value: Buffer.from(JSON.stringify(event)),
    };
  }
}

/** The guarantee of these tests with terms put at its end. */
export function guaranteeText(terms: string): string {
  return `${readFileSync(`${ROOT}/test/e2e/ems-express-1.yaml`, 'utf8')}${terms}\n`;
}

export function lineIdFor(subject: string, remedyId: string, n: number): string {
  return lineIdOf(breachIdOf(promiseIdOf(GUARANTEE, subject, '')), remedyId, n);
}

export const short = (told: readonly Told[]): string[] =>
  told.map(({ type, subject }) => `${type.slice('makegood.'.length)} ${subject}`);
