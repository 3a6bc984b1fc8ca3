import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { formatInstant, type Clock } from '#libs/kernel';
import type { RecordProducer } from '#libs/messaging';
import type { Database } from '#libs/persistence';
import { CLOCK, DATABASE, HttpProblem, PRODUCER, Roles, SERVICE_OPTIONS, type ServiceOptions } from '#libs/service';
import type { Signals } from '#libs/signals';
import type { StoredFit } from '../report/nightly-fit.js';
import { latestMs } from '../report/scan-customers.js';
import { RULES_NAMED } from '../sql/applied-rules.js';
import { LAST_FIT } from '../sql/reports.js';
import { SIGNALS } from '../tokens.js';
import { purchasingOf, rulesRecords, type AppliedRules } from './rules-event.js';

interface ApplyBody {
  readonly ruleset?: unknown;
  readonly purchasing?: unknown;
  readonly reason?: unknown;
}

/** How customers buy and leave, put into force or taken back by a person, through the log. */
@Controller('model')
export class RulesController {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(PRODUCER) private readonly producer: RecordProducer,
    @Inject(SERVICE_OPTIONS) private readonly options: ServiceOptions,
    @Inject(SIGNALS) private readonly signals: Signals,
  ) {}

  /** The last fit, or the parameters given, under a ruleset name of its own; answered once the broker has it. */
  @Post('apply')
  @HttpCode(202)
  @Roles('operations')
  async apply(@Body() body: ApplyBody) {
    const reason = reasonOf(body);
    const { ruleset } = body;
    if (typeof ruleset !== 'string' || !/^[A-Za-z0-9][\w.-]{0,59}$/.test(ruleset))
      throw wrong('/ruleset', 'ruleset: expected a name such as 2026-01-acme');
    const purchasing = await this.purchasing(body.purchasing);
    await this.refuseOtherMeaning(ruleset, purchasing);
    return this.say({ ruleset, purchasing }, reason);
  }

  /** Back to what signals.yaml says. */
  @Post('withdraw')
  @HttpCode(202)
  @Roles('operations')
  async withdraw(@Body() body: ApplyBody) {
    return this.say({ ruleset: null, purchasing: null }, reasonOf(body));
  }

  private async purchasing(given: unknown) {
    if (given !== undefined) {
      const parameters = purchasingOf(given);
      if (!parameters) throw wrong('/purchasing', 'purchasing: expected {r, alpha, a, b}, numbers above 0');
      return parameters;
    }
    const [fit] = await this.database.query<StoredFit>(LAST_FIT, []);
    if (fit) return fit.parameters;
    throw new HttpProblem(409, {
      code: 'MODEL_NOT_FITTED',
      detail: 'a fit to apply → none was made: that takes 200 customers, 50 of them with a second order',
      advice: 'name the parameters as purchasing, or wait for the night after',
    });
  }

  /** A ruleset's name travels with each event: it means one thing for ever. */
  private async refuseOtherMeaning(ruleset: string, purchasing: object): Promise<void> {
    const said = await this.database.query<{ purchasing: string }>(RULES_NAMED, [ruleset]);
    const isFile = this.signals.settings.rules.ruleset === ruleset;
    const wanted = JSON.stringify(purchasing);
    if (!isFile && said.every((each) => JSON.stringify(purchasingOf(JSON.parse(each.purchasing))) === wanted)) return;
    throw new HttpProblem(409, {
      code: 'RULESET_TAKEN',
      detail: `ruleset ${ruleset} stands for other rules already`,
      advice: 'choose a name of its own',
    });
  }

  private async say(said: Pick<AppliedRules, 'ruleset' | 'purchasing'>, reason: string) {
    const isReplay = this.options.environment.MAKEGOOD_MODE === 'replay';
    const atMs = isReplay ? await latestMs(this.database) : this.clock.nowMs();
    await this.producer.send(rulesRecords({ ...said, atMs, reason }, this.options.environment.MAKEGOOD_SHARDS));
    return { ...said, time: formatInstant(atMs) };
  }
}

function reasonOf({ reason }: ApplyBody = {}): string {
  if (typeof reason === 'string' && reason.trim() !== '') return reason;
  throw new HttpProblem(400, {
    code: 'FIELD_MISSING',
    detail: 'reason: expected why the rules change',
    pointer: '/reason',
  });
}

function wrong(pointer: string, detail: string): HttpProblem {
  return new HttpProblem(400, { code: 'FIELD_INVALID', detail, pointer });
}
