import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { formatInstant, parseInstant, type Clock, type InstantMs, type Money } from '#libs/kernel';
import type { Segment, Tier } from '#libs/loyalty-model';
import type { Database } from '#libs/persistence';
import { CLOCK, DATABASE, HttpProblem, Roles, SERVICE_OPTIONS, type ServiceOptions } from '#libs/service';
import type { Signals } from '#libs/signals';
import type { CustomerDocument } from '../customer-document/document.js';
import { LIST_CUSTOMERS } from '../sql/list-customers.js';
import { latestRules, settingsUnder } from '../rules-in-force/rules-in-force.js';
import { SIGNALS } from '../tokens.js';
import { customerView, earliestOf } from './customer-view.js';
import { findCustomer } from './find-customer.js';
import { cursorAfter, readListQuery, type ListQuery } from './list-query.js';

interface ListedCustomer {
  readonly customer: string;
  readonly asOfMs: InstantMs;
  readonly score: number;
  readonly tier: Tier;
  readonly segment: Segment;
  readonly kept: number;
  readonly missed: number;
  readonly excused: number;
  readonly cancelled: number;
  readonly compensation: readonly Money[];
}

@Controller('customers')
export class CustomersController {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SERVICE_OPTIONS) private readonly options: ServiceOptions,
    @Inject(SIGNALS) private readonly signals: Signals,
  ) {}

  /** Score, tier, what it is made of, what moved it, and the way back. */
  @Get(':id')
  @Roles('viewer', 'operations', 'finance', 'approver')
  @ApiQuery({ name: 'asOf', required: false, description: 'RFC 3339; default: now (in a replay: its latest decision)' })
  async show(@Param('id') customer: string, @Query('asOf') asOf?: string) {
    const shown = await findCustomer(this.database, customer);
    if (!shown) throw unknownCustomer(customer);
    const settings = settingsUnder(this.signals.settings, await latestRules(this.database));
    return customerView(shown, this.instantOf(asOf, shown.document), settings);
  }

  /** Customers in order of id with their figures as of the last decision about each. */
  @Get()
  @Roles('viewer', 'operations', 'finance', 'approver')
  @ApiQuery({ name: 'segment', required: false })
  @ApiQuery({ name: 'tier', required: false })
  @ApiQuery({ name: 'limit', required: false, description: '1 to 200, default 50' })
  @ApiQuery({ name: 'cursor', required: false, description: '`next` of the page before' })
  async list(@Query() query: ListQuery) {
    const { segment, tier, after, limit } = readListQuery(query);
    const rows = await this.database.query<ListedCustomer>(LIST_CUSTOMERS, [segment, tier, after, limit + 1]);
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return {
      customers: rows.slice(0, limit).map(({ asOfMs, kept, missed, excused, cancelled, compensation, ...row }) => ({
        ...row,
        asOf: formatInstant(asOfMs),
        promises: { kept, missed, excused, cancelled },
        compensation,
      })),
      next: last ? cursorAfter(last.customer) : null,
    };
  }

  private instantOf(text: string | undefined, document: CustomerDocument): InstantMs {
    if (text === undefined) {
      return this.options.environment.MAKEGOOD_MODE === 'replay'
        ? document.asOfMs
        : Math.max(this.clock.nowMs(), document.asOfMs);
    }
    const instant = parseInstant(text);
    if (instant === null) {
      throw new HttpProblem(400, {
        code: 'QUERY_INVALID',
        detail: 'asOf: expected an RFC 3339 instant with offset between 1970 and 2100',
        advice: 'for example asOf=2026-01-31T12:00:00Z (write + as %2B)',
      });
    }
    if (instant >= earliestOf(document)) return instant;
    throw new HttpProblem(422, {
      code: 'HISTORY_SUMMARISED',
      detail: `the history of this customer before ${formatInstant(earliestOf(document))} is summarised`,
      advice: 'ask for a later instant; makegood.loyalty.v1 keeps what was announced then',
    });
  }
}

export function unknownCustomer(customer: string): HttpProblem {
  return new HttpProblem(404, {
    code: 'CUSTOMER_UNKNOWN',
    detail: `nothing of customer ${JSON.stringify(customer)} is known`,
    advice: 'check the id as upstream writes it; GET /customers lists those known',
  });
}
