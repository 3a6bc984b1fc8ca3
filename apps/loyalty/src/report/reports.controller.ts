import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { formatInstant, parseInstant } from '#libs/kernel';
import { daysFromMs } from '#libs/loyalty-model';
import type { Database } from '#libs/persistence';
import { DATABASE, HttpProblem, Roles } from '#libs/service';
import type { ModelSettings, Signals } from '#libs/signals';
import { cursorAfter, readRiskQuery, type ListQuery } from '../show-customer/list-query.js';
import { COHORTS, LAST_FIT, LIST_RISKS, RFM } from '../sql/reports.js';
import { latestRules, settingsUnder } from '../rules-in-force/rules-in-force.js';
import { SIGNALS } from '../tokens.js';
import { backtestCustomers } from './backtest-customers.js';
import type { StoredFit } from './nightly-fit.js';
import { OwnerReport } from './owner-report.js';
import { PromiseReport, type PromiseKey } from './promise-report.js';
import { RemedyReport } from './remedy-report.js';
import { latestMs, scanCustomers } from './scan-customers.js';

const PROMISE_KEYS: readonly PromiseKey[] = ['guarantee', 'owner', 'promiseType'];

interface RiskRow {
  readonly customer: string;
  readonly asOfMs: number;
}

/** Figures over all customers, as of the latest moment that the log has told. */
@Controller()
export class ReportsController {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(SIGNALS) private readonly signals: Signals,
  ) {}

  /** Customers at risk, with the gesture that stands suggested. */
  @Get('risks')
  @Roles('viewer', 'operations', 'finance', 'approver')
  @ApiQuery({ name: 'level', required: false, description: 'warn or critical' })
  @ApiQuery({ name: 'limit', required: false })
  @ApiQuery({ name: 'cursor', required: false })
  async risks(@Query() query: ListQuery) {
    const { level, after, limit } = readRiskQuery(query);
    const rows = await this.database.query<RiskRow>(LIST_RISKS, [level, after, limit + 1]);
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return {
      customers: rows.slice(0, limit).map(({ asOfMs, ...row }) => ({ ...row, asOf: formatInstant(asOfMs) })),
      next: last ? cursorAfter(last.customer) : null,
    };
  }

  @Get('cohorts')
  @Roles('viewer', 'operations', 'finance', 'approver')
  async cohorts() {
    return { cohorts: await this.database.query(COHORTS, []) };
  }

  /** Recency, frequency, money: a report only, no score hangs on it. */
  @Get('rfm')
  @Roles('viewer', 'operations', 'finance', 'approver')
  async rfm() {
    return { cells: await this.database.query(RFM, []) };
  }

  /** Whom to thank: owners and teams with promises kept beyond expectation. */
  @Get('owners')
  @Roles('viewer', 'operations', 'finance', 'approver')
  @ApiQuery({ name: 'from', required: false })
  @ApiQuery({ name: 'to', required: false })
  async owners(@Query('from') from?: string, @Query('to') to?: string) {
    const settings = await this.settings();
    const report = new OwnerReport(settings, dayOf('from', from) ?? -Infinity, dayOf('to', to) ?? Infinity);
    await scanCustomers(this.database, settings, (customer) => report.add(customer));
    return { owners: report.result() };
  }

  /** What remedies did: score, review and repurchase by lateness, remedy and arm. */
  @Get('reports/remedies')
  @Roles('viewer', 'operations', 'finance', 'approver')
  async remedies() {
    const settings = await this.settings();
    const untilMs = await latestMs(this.database);
    const report = new RemedyReport(settings, untilMs);
    await scanCustomers(this.database, settings, (customer) => report.add(customer));
    return { asOf: formatInstant(untilMs), cells: report.result() };
  }

  /** How much do we overpromise? Durations in minutes. */
  @Get('reports/promises')
  @Roles('viewer', 'operations', 'finance', 'approver')
  @ApiQuery({ name: 'by', required: false, description: 'guarantee (default), owner or promiseType' })
  @ApiQuery({ name: 'reliability', required: false, description: 'share meant to be kept, default 0.9' })
  async promises(@Query('by') by: string = 'guarantee', @Query('reliability') reliability: string = '0.9') {
    const share = Number(reliability);
    if (!PROMISE_KEYS.includes(by as PromiseKey)) throw invalid(`by: expected one of ${PROMISE_KEYS.join(', ')}`);
    if (!(share > 0 && share < 1)) throw invalid('reliability: expected a share between 0 and 1, such as 0.9');
    const settings = await this.settings();
    const report = new PromiseReport(by as PromiseKey, share, settings);
    await scanCustomers(this.database, settings, (customer) => report.add(customer));
    return { by, reliability: share, promises: report.result() };
  }

  /** What the model would have said a horizon ago, against what happened since. */
  @Get('backtest')
  @Roles('viewer', 'operations', 'finance', 'approver')
  @ApiQuery({ name: 'days', required: false, description: 'horizon, default 90' })
  @ApiQuery({ name: 'from', required: false, description: 'cutoff; default: a horizon before the latest news' })
  async backtest(@Query('days') days: string = '90', @Query('from') from?: string) {
    const horizonDays = Number(days);
    if (!(horizonDays >= 1 && horizonDays <= 730)) throw invalid('days: expected 1 to 730');
    return backtestCustomers(this.database, await this.settings(), horizonDays, dayOf('from', from));
  }

  /** The rules in force, and the last fit of how customers buy and leave. */
  @Get('model')
  @Roles('viewer', 'operations', 'finance', 'approver')
  async model() {
    const [fit] = await this.database.query<StoredFit>(LAST_FIT, []);
    const applied = await latestRules(this.database);
    const { rules, refit } = settingsUnder(this.signals.settings, applied);
    const told = fit ? { ...fit, day: formatInstant(fit.day * 86_400_000) } : null;
    const since = applied?.purchasing ? formatInstant(applied.atMs) : null;
    return { ruleset: rules.ruleset, appliedSince: since, refit, rules, purchasingFit: told };
  }

  private async settings(): Promise<ModelSettings> {
    return settingsUnder(this.signals.settings, await latestRules(this.database));
  }
}

function dayOf(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const atMs = parseInstant(text);
  if (atMs === null) throw invalid(`${name}: expected an RFC 3339 instant with offset`);
  return daysFromMs(atMs);
}

function invalid(detail: string): HttpProblem {
  return new HttpProblem(400, { code: 'QUERY_INVALID', detail });
}
