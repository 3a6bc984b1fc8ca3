import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '#libs/kernel';
import { ProblemError, type Problem } from '#libs/kernel';
import type { OutgoingRecord } from '#libs/messaging';
import { linkActive } from '#libs/observability';
import { CLOCK, HttpProblem, type Caller } from '#libs/service';
import type { ReadEvent } from '../canonical/binary-mode.js';
import { canonise, type Canonical } from '../canonical/canonise.js';
import type { Judgement } from '../canonical/check-event.js';
import type { Routing } from '../canonical/route-event.js';
import { Readiness } from '../control/readiness.js';
import { Enrichment, type Enrich } from '../customers/enrichment.js';
import { eventsAccepted, eventsRejected } from '../metrics.js';
import { SourceWatch } from '../ticker/source-watch.js';
import { EVENT_WRITER, INTAKE_MODE, ROUTING } from '../tokens.js';
import type { CoalescingWriter } from './coalescing-writer.js';

export interface RejectedEvent extends Problem {
  /** Place in the batch, from 0. */
  readonly index: number;
}

export interface Acceptance {
  readonly accepted: number;
  readonly rejected: readonly RejectedEvent[];
}

/** Events that stand or fall together (those of one row), under one index. */
export type Group = { readonly index: number; readonly events: readonly ReadEvent[] };

/** The way of every event that comes over HTTP: checked, made canonical, sent, acknowledged. */
@Injectable()
export class EventAcceptor {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(EVENT_WRITER) private readonly writer: CoalescingWriter,
    @Inject(ROUTING) private readonly routing: Routing,
    @Inject(INTAKE_MODE) private readonly mode: Judgement['mode'],
    @Inject(SourceWatch) private readonly watch: SourceWatch,
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(Enrichment) private readonly enrichment: Enrichment,
  ) {}

  /** @throws HttpProblem 503 NOT_READY_NO_GUARANTEES: facts before the first terms would open no promise. */
  async assertReady(): Promise<void> {
    if (await this.readiness.hasGuarantees()) return;
    const problem = {
      code: 'NOT_READY_NO_GUARANTEES',
      detail: 'no set of guarantees is active yet: events would be measured against nothing',
      advice: 'activate one (POST /guarantees of sla-timer), then send again',
    };
    throw new HttpProblem(503, problem, { headers: { 'Retry-After': '2' } });
  }

  /**
   * Resolves once all in-sync replicas have what is accepted.
   * @throws HttpProblem 503 when the broker did not acknowledge in time: nothing may be taken as accepted then.
   */
  async accept(groups: readonly Group[], caller: Caller, way: 'http' | 'source'): Promise<Acceptance> {
    const nowMs = this.clock.nowMs();
    const judgement: Judgement = {
      mode: this.mode,
      way: 'http',
      boundSource: caller.source,
      isAdmin: caller.role === 'admin',
      receivedAtMs: nowMs,
    };
    const accepted: Canonical[] = [];
    const rejected: RejectedEvent[] = [];
    const enrich = await this.enrichment.forBatch(groups.flatMap(({ events }) => events.map(({ event }) => event)));
    for (const group of groups) this.judge(group, { judgement, enrich }, accepted, rejected);
    for (const { code } of rejected) eventsRejected.inc({ way, code });
    linkActive(accepted.map(({ event }) => event.traceparent));
    await this.send(accepted);
    for (const { event } of accepted) this.watch.heard(event, nowMs);
    eventsAccepted.inc({ way }, accepted.length);
    return { accepted: accepted.length, rejected };
  }

  private judge(
    { index, events }: Group,
    { judgement, enrich }: { readonly judgement: Judgement; readonly enrich: Enrich },
    accepted: Canonical[],
    rejected: RejectedEvent[],
  ): void {
    const canonical: Canonical[] = [];
    for (const read of events) {
      const result = read.refusal ? read : canonise(read.event, judgement, this.routing, enrich);
      if (result.refusal) {
        rejected.push({ index, ...result.refusal });
        return;
      }
      canonical.push(result);
    }
    accepted.push(...canonical);
  }

  private async send(accepted: readonly Canonical[]): Promise<void> {
    const records: OutgoingRecord[] = [];
    for (const canonical of accepted) records.push(...canonical.records);
    try {
      await this.writer.write(records);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      throw new HttpProblem(503, error.problem, { headers: { 'Retry-After': '2' } });
    }
  }
}
