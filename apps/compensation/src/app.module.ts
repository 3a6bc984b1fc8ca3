import { APP_INTERCEPTOR } from '@nestjs/core';
import { Module, type DynamicModule } from '@nestjs/common';
import { loadSignals } from '#libs/signals';
import { readSettings } from '#libs/config';
import {
  DATABASE,
  KitModule,
  SELF_CHECK,
  SelfCheckController,
  selfCheckRunnerProvider,
  SHARD_PROCESSOR,
  shardLogProvider,
  type ServiceOptions,
} from '#libs/service';
import type { Database } from '#libs/persistence';
import { AuditController } from './audit/audit.controller.js';
import { AuditInterceptor } from './audit/audit.interceptor.js';
import { ClaimsController } from './circumstances/claims.controller.js';
import { LineCommands } from './commands/line-commands.js';
import { MoneyCommands } from './commands/money-commands.js';
import { createProcessor } from './compensation-processor.js';
import { CompensationsController } from './compensations/compensations.controller.js';
import { EXPORT_DEBTOR, type CompensationEnvironment } from './config.js';
import { DecisionsController } from './decisions/decisions.controller.js';
import { ExportsController } from './exports/exports.controller.js';
import { Exports } from './exports/exports.service.js';
import { BreakersController } from './holding/breakers.controller.js';
import { LedgerController } from './ledger/ledger.controller.js';
import { LogController } from './log.controller.js';
import { BooksCheck } from './self-check/books-check.js';
import { SettlementsController } from './settlements/settlements.controller.js';
import { GuaranteeTerms } from './terms/guarantee-terms.js';
import { UnclaimedController } from './unclaimed/unclaimed.controller.js';
import { TemplateLibrary } from './words/template-library.js';

@Module({})
export class AppModule {
  static forService(options: ServiceOptions, environment: CompensationEnvironment): DynamicModule {
    const isLive = environment.MAKEGOOD_MODE === 'live';
    return {
      module: AppModule,
      imports: [KitModule.forService(options)],
      controllers: [
        LogController,
        CompensationsController,
        LedgerController,
        SettlementsController,
        DecisionsController,
        ClaimsController,
        ExportsController,
        UnclaimedController,
        BreakersController,
        AuditController,
        SelfCheckController,
      ],
      providers: [
        MoneyCommands,
        LineCommands,
        { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
        Exports,
        { provide: EXPORT_DEBTOR, useValue: environment.MAKEGOOD_DEBTOR ?? null },
        {
          provide: SHARD_PROCESSOR,
          useFactory: () => {
            const signals = loadSignals(readSettings(environment.MAKEGOOD_SIGNALS_FILE));
            const templates = TemplateLibrary.read(environment.MAKEGOOD_TEMPLATES_DIR);
            return createProcessor(new GuaranteeTerms(), templates, {
              shardCount: environment.MAKEGOOD_SHARDS,
              routeByDefault: environment.MAKEGOOD_ROUTE,
              hasPayouts: (environment.MAKEGOOD_PAYOUTS ?? (isLive ? 'on' : 'off')) === 'on',
              isLive,
              signals,
            });
          },
        },
        shardLogProvider,
        {
          provide: SELF_CHECK,
          inject: [DATABASE],
          useFactory: (database: Database) => new BooksCheck(database, new GuaranteeTerms()),
        },
        selfCheckRunnerProvider,
      ],
    };
  }
}
