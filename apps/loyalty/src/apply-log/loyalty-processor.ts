import { Inject, Injectable } from '@nestjs/common';
import { TOPICS } from '#libs/contracts';
import { parseInstant } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';
import type { Sql } from '#libs/persistence';
import { SERVICE_OPTIONS, type ServiceOptions } from '#libs/service';
import {
  NO_EFFECTS,
  type ClaimedShard,
  type Effects,
  type Outgoing,
  type Rejected,
  type ShardBatch,
  type ShardProcessor,
} from '#libs/shard-log';
import type { Signals } from '#libs/signals';
import { fitNightly, nameOfFit } from '../report/nightly-fit.js';
import { rulesRecords } from '../rules-in-force/rules-event.js';
import { RulesInForce, settingsUnder } from '../rules-in-force/rules-in-force.js';
import { adoptTold } from '../told-before/adopt-told.js';
import { SIGNALS } from '../tokens.js';
import { CustomerDesk } from './customer-desk.js';
import { readNews, type Reading } from './read-news.js';

const DAY_MS = 86_400_000;
/** So few customers at a time are in memory that they need not outlive the young generation. */
const RECORDS_A_DESK = 500;

interface Tick {
  readonly tickId: string;
  readonly atMs: number;
  readonly record: LogRecord;
}

type Read = { readonly reading: Reading; readonly record: LogRecord };

function together(done: readonly Effects[]): Effects {
  return {
    outgoing: done.flatMap(({ outgoing }) => outgoing),
    rejected: done.flatMap(({ rejected }) => rejected),
    pending: done.some(({ pending }) => pending),
  };
}

/**
 * What loyalty does with its part of the log: one query for the customers a batch touches, everything else in memory, one
 * statement to write them back. Ticks of `makegood.promises.v1` pass time on; types it does not know pass by.
 */
@Injectable()
export class LoyaltyProcessor implements ShardProcessor {
  readonly parks: ReadonlySet<string> = new Set([TOPICS.promises, TOPICS.compensations, TOPICS.signals]);

  /** The last ticks of each shard; lost, the next ones do as well. */
  private readonly ticks = new Map<number, { readonly last: Tick; readonly looking: Tick | null }>();

  private readonly rules = new RulesInForce();

  /** Looked at since this process started; what is fitted is in the database. */
  private fittedDay = -1;

  constructor(
    @Inject(SIGNALS) private readonly signals: Signals,
    @Inject(SERVICE_OPTIONS) private readonly options: ServiceOptions,
  ) {}

  async apply({ shard, records }: ShardBatch, tx: Sql): Promise<Effects> {
    const done: Effects[] = [];
    for (let i = 0; i < records.length; i += RECORDS_A_DESK)
      done.push(await this.work(shard, records.slice(i, i + RECORDS_A_DESK), tx));
    return together(done);
  }

  private async work(shard: number, records: readonly LogRecord[], tx: Sql): Promise<Effects> {
    const { readings, rejected } = this.readAll(records);
    const done: Effects[] = [{ ...NO_EFFECTS, rejected }];
    let under: Read[] = []; // the same rules
    for (const read of readings) {
      if (read.reading.kind !== 'rules') under.push(read);
      else {
        done.push(await this.workUnderRules(shard, under, tx));
        await this.rules.save(shard, read.reading.applied, tx);
        under = [];
      }
    }
    done.push(await this.workUnderRules(shard, under, tx));
    return together(done);
  }

  private async workUnderRules(shard: number, readings: readonly Read[], tx: Sql): Promise<Effects> {
    if (readings.length === 0) return NO_EFFECTS;
    const desk = await this.desk(shard, tx);
    const proposed: Outgoing[] = [];
    await desk.fetch(readings.flatMap(({ reading }) => ('customer' in reading ? [reading.customer] : [])));
    let pending = false;
    for (const { reading, record } of readings) {
      if (reading.kind === 'news') desk.take(reading, record);
      else if (reading.kind === 'merged' || reading.kind === 'asked') desk.merge(reading, record);
      else if (reading.kind === 'erased')
        await desk.erase(reading.customer, reading.event.id, parseInstant(reading.event.time) ?? record.timestampMs);
      else if (reading.kind === 'tick') {
        // Looks are a tick behind: what the tick's time set off elsewhere (a refund) has a second to be heard of.
        const tick = this.ticks.get(shard)?.last;
        this.ticks.set(shard, { last: { tickId: reading.tickId, atMs: reading.atMs, record }, looking: tick ?? null });
        if (tick) pending = await desk.look(tick.tickId, tick.atMs, tick.record);
        if (shard === 0) proposed.push(...(await this.fit(reading.atMs, tx)));
      }
    }
    await desk.save();
    return { outgoing: [...desk.outgoing, ...proposed], rejected: desk.rejected, pending };
  }

  adopt(claimed: ClaimedShard, records: readonly LogRecord[], tx: Sql): Promise<void> {
    return adoptTold(claimed, records, tx);
  }

  forget(shard: number): void {
    this.ticks.delete(shard);
    this.rules.forget(shard);
  }

  /** Goes on with the looks of the last tick. */
  async drain(shard: number, tx: Sql): Promise<Effects> {
    const tick = this.ticks.get(shard)?.looking;
    if (!tick) return NO_EFFECTS;
    const desk = await this.desk(shard, tx);
    const pending = await desk.look(tick.tickId, tick.atMs, tick.record);
    await desk.save();
    return { outgoing: desk.outgoing, rejected: [], pending };
  }

  /** Once a night of the log; the owner of shard 0 does it for all. */
  private async fit(atMs: number, tx: Sql): Promise<Outgoing[]> {
    const day = Math.floor(atMs / DAY_MS);
    if (day <= this.fittedDay) return [];
    const fit = await fitNightly(day, tx);
    this.fittedDay = day;
    const { refit, rules } = this.signals.settings;
    if (!fit || refit !== 'apply') return [];
    const said = {
      atMs: day * DAY_MS,
      ruleset: nameOfFit(rules.ruleset, day),
      purchasing: fit,
      reason: 'fitted nightly',
    };
    return rulesRecords(said, this.options.environment.MAKEGOOD_SHARDS).map((each) => ({ ...each, timestampMs: atMs }));
  }

  private async desk(shard: number, tx: Sql): Promise<CustomerDesk> {
    const settings = settingsUnder(this.signals.settings, await this.rules.of(shard, tx));
    return new CustomerDesk(shard, this.options.environment.MAKEGOOD_SHARDS, settings, tx);
  }

  private readAll(records: readonly LogRecord[]): { readonly readings: Read[]; readonly rejected: Rejected[] } {
    const readings: Read[] = [];
    const rejected: Rejected[] = [];
    for (const record of records) {
      const reading = readNews(record, this.signals);
      if (reading.kind === 'rejected')
        rejected.push({ record, reason: reading.reason, detail: reading.detail, holdsKey: true });
      else if (reading.kind !== 'ignored') readings.push({ reading, record });
    }
    return { readings, rejected };
  }
}
