import { randomUUID } from 'node:crypto';
import { Body, Controller, Headers, Inject, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { encodeCloudEvent, partitionOf, SOURCES, TOPICS, type SettlementData } from '#libs/contracts';
import { compensationIdOf, formatInstant, MAX_AMOUNT_MINOR, parseInstant, type Clock } from '#libs/kernel';
import type { RecordProducer } from '#libs/messaging';
import type { Database } from '#libs/persistence';
import {
  CallerOf,
  CLOCK,
  DATABASE,
  HttpProblem,
  PRODUCER,
  Roles,
  SERVICE_OPTIONS,
  type Caller,
  type ServiceOptions,
} from '#libs/service';
import { lineView, type LineView, type LineWithPromise } from '../compensations/line-view.js';
import { LINES_OF_PROMISE } from '../compensations/sql.js';
import { FIND_LINES, LOAD_SETTLEMENTS } from './sql.js';
import type { Settlement } from '../entitlement/apply-settlement.js';

const APPLIED_WITHIN_MS = 5_000;
const LOOK_AGAIN_MS = 40;

const instant = z.string().refine((text) => parseInstant(text) !== null, 'an RFC 3339 instant with offset expected');
const settlementBody = z.strictObject({
  lineId: z.uuid(),
  status: z.enum(['accepted', 'paid', 'failed', 'stopped']),
  reference: z.string().min(1).max(200),
  paidAt: instant.optional(),
  amount: z
    .strictObject({ amountMinor: z.int().positive().max(MAX_AMOUNT_MINOR), currency: z.string().regex(/^[A-Z]{3}$/) })
    .optional(),
  reason: z.string().max(200).optional(),
});
type SettlementBody = z.infer<typeof settlementBody>;

/** Finance's word over HTTP goes through the log like any other: this only writes it there and waits for the effect. */
@Controller('settlements')
export class SettlementsController {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(PRODUCER) private readonly producer: RecordProducer,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SERVICE_OPTIONS) private readonly options: ServiceOptions,
  ) {}

  /** 200 with the line once it is applied (or was before: no effect), 202 with the event's id while it is not yet. */
  @Post()
  @Roles('finance')
  async settle(
    @Body() body: unknown,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @CallerOf() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<LineView | { id: string }> {
    const settlement = readBody(body);
    const promiseId = await this.promiseOf(settlement.lineId);
    const known = await this.find(settlement);
    response.status(200);
    if (known) {
      const line = await this.line(promiseId, settlement.lineId);
      refuseConflict(settlement, known, line.amount?.amountMinor ?? null);
      return line;
    }
    const id = idempotencyKey ?? randomUUID();
    await this.produce(id, promiseId, settlement, caller);
    const until = this.clock.nowMs() + APPLIED_WITHIN_MS;
    while (this.clock.nowMs() < until) {
      if (await this.find(settlement)) return this.line(promiseId, settlement.lineId);
      await this.clock.sleep(LOOK_AGAIN_MS);
    }
    response.status(202);
    return { id };
  }

  private async promiseOf(lineId: string): Promise<string> {
    const [row] = await this.database.query<{ promiseId: string }>(FIND_LINES, [[lineId]]);
    if (row) return row.promiseId;
    const advice = 'take the lineId of its event on makegood.compensations.v1, or GET /compensations';
    throw new HttpProblem(404, { code: 'LINE_UNKNOWN', detail: `there is no line ${lineId}`, advice });
  }

  private async find({ lineId, reference, status }: SettlementBody): Promise<Settlement | null> {
    const rows = await this.database.query<Settlement>(LOAD_SETTLEMENTS, [[lineId]]);
    return rows.find((row) => row.reference === reference && row.status === status) ?? null;
  }

  private async line(promiseId: string, lineId: string): Promise<LineView> {
    const rows = await this.database.query<LineWithPromise>(LINES_OF_PROMISE, [promiseId]);
    return lineView(rows.find((row) => row.lineId === lineId) as LineWithPromise);
  }

  private async produce(
    id: string,
    promiseId: string,
    { status, ...body }: SettlementBody,
    caller: Caller,
  ): Promise<void> {
    const nowText = formatInstant(this.clock.nowMs());
    const key = compensationIdOf(promiseId);
    const { lineId, reference, paidAt = nowText, amount, reason } = body;
    const data: SettlementData = {
      lineId,
      reference,
      paidAt,
      ...(amount === undefined ? {} : { amount }),
      ...(reason === undefined ? {} : { reason }),
    };
    const event = {
      specversion: '1.0' as const,
      id,
      source: SOURCES.operator,
      type: `makegood.settlement.${status}`,
      subject: key,
      time: nowText,
      actor: caller.keyId,
      data,
    };
    const partition = partitionOf(key, this.options.environment.MAKEGOOD_SHARDS);
    await this.producer.send([
      { topic: TOPICS.settlements, partition, key, value: encodeCloudEvent(event), timestampMs: this.clock.nowMs() },
    ]);
  }
}

function readBody(body: unknown): SettlementBody {
  const result = settlementBody.safeParse(body);
  if (result.success) return { ...result.data, lineId: result.data.lineId.toLowerCase() };
  const issue = result.error.issues[0];
  const pointer = `/${issue?.path.join('/') ?? ''}`;
  throw new HttpProblem(400, {
    code: 'SETTLEMENT_INVALID',
    detail: `${pointer}: ${issue?.message ?? 'not a settlement'}`,
    pointer,
  });
}

function refuseConflict(
  { amount, status, reference }: SettlementBody,
  known: Settlement,
  lineMinor: number | null,
): void {
  const wanted = status === 'paid' && lineMinor !== null ? (amount?.amountMinor ?? lineMinor) : null;
  if (wanted === known.amountMinor) return;
  const detail = `reference ${reference} was settled with ${known.amountMinor} before, now with ${wanted} (minor units)`;
  const advice = 'send a second payment under a reference of its own';
  throw new HttpProblem(409, { code: 'CONFLICTING_SETTLEMENT', detail, advice });
}
