import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { partitionOf, SOURCES, TOPICS, encodeCloudEvent, type CloudEvent } from '#libs/contracts';
import { formatInstant, nameIdOf, type Clock } from '#libs/kernel';
import type { RecordProducer } from '#libs/messaging';
import type { Database } from '#libs/persistence';
import { CLOCK, DATABASE, HttpProblem, PRODUCER, Roles, SERVICE_OPTIONS, type ServiceOptions } from '#libs/service';
import type { Signals } from '#libs/signals';
import { ERASED_TYPE } from '../merge-customers/moving.js';
import { latestRules, settingsUnder } from '../rules-in-force/rules-in-force.js';
import { SIGNALS } from '../tokens.js';
import { customerView } from './customer-view.js';
import { unknownCustomer } from './customers.controller.js';
import { findCustomer } from './find-customer.js';

/** What the score is based on belongs to the person: they can have it, and have it forgotten. */
@Controller('customers')
export class PersonalDataController {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(PRODUCER) private readonly producer: RecordProducer,
    @Inject(SERVICE_OPTIONS) private readonly options: ServiceOptions,
    @Inject(SIGNALS) private readonly signals: Signals,
  ) {}

  /** All that loyalty knows of one customer, and all it derives. */
  @Get(':id/export')
  @Roles('operations')
  async export(@Param('id') id: string) {
    const shown = await findCustomer(this.database, id);
    if (!shown) throw unknownCustomer(id);
    const settings = settingsUnder(this.signals.settings, await latestRules(this.database));
    const view = customerView(shown, shown.document.asOfMs, settings);
    return { customer: shown.customer, known: shown.document, said: shown.watch, derived: view };
  }

  /**
   * Erases a customer under every id they had, through the log: answered once the broker has it. Figures stay under a
   * reference that leads nowhere; what happens from now on begins a new record.
   */
  @Post(':id/erase')
  @HttpCode(202)
  @Roles('operations')
  async erase(@Param('id') id: string, @Body() body: { readonly reason?: unknown }) {
    const reason = body?.reason;
    if (typeof reason !== 'string' || reason.trim() === '')
      throw new HttpProblem(400, {
        code: 'FIELD_MISSING',
        detail: 'reason: expected why the customer is erased',
        pointer: '/reason',
      });
    const shown = await findCustomer(this.database, id);
    if (!shown) throw unknownCustomer(id);
    const atMs = this.options.environment.MAKEGOOD_MODE === 'replay' ? shown.document.asOfMs : this.clock.nowMs();
    const ids = [shown.customer, ...shown.document.mergedFrom];
    await this.producer.send(ids.map((customer) => this.record(customer, atMs, reason)));
    return { erased: ids.length, time: formatInstant(atMs) };
  }

  private record(customer: string, atMs: number, reason: string) {
    const time = formatInstant(atMs);
    const event: CloudEvent = {
      specversion: '1.0',
      id: nameIdOf(ERASED_TYPE, customer, time),
      source: SOURCES.loyalty,
      type: ERASED_TYPE,
      subject: customer,
      time,
      data: { customer, reason },
    };
    const partition = partitionOf(customer, this.options.environment.MAKEGOOD_SHARDS);
    return { topic: TOPICS.signals, partition, key: customer, value: encodeCloudEvent(event) };
  }
}
