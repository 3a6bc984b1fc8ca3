import { Module, type DynamicModule } from '@nestjs/common';
import { KitModule, SHARD_PROCESSOR, shardLogProvider, type ServiceOptions } from '#libs/service';
import { ClaimsController } from './circumstances/claims.controller.js';
import { MoneyCommands } from './commands/money-commands.js';
import { createProcessor } from './compensation-processor.js';
import { CompensationsController } from './compensations/compensations.controller.js';
import type { CompensationEnvironment } from './config.js';
import { DecisionsController } from './decisions/decisions.controller.js';
import { BreakersController } from './holding/breakers.controller.js';
import { LedgerController } from './ledger/ledger.controller.js';
import { LogController } from './log.controller.js';
import { SettlementsController } from './settlements/settlements.controller.js';
import { GuaranteeTerms } from './terms/guarantee-terms.js';
import { TemplateLibrary } from './words/template-library.js';

@Module({})
export class AppModule {
  static forService(options: ServiceOptions, environment: CompensationEnvironment): DynamicModule {
    const shards = environment.MAKEGOOD_SHARDS;
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
        BreakersController,
      ],
      providers: [
        MoneyCommands,
        {
          provide: SHARD_PROCESSOR,
          useFactory: () => {
            const templates = TemplateLibrary.read(environment.MAKEGOOD_TEMPLATES_DIR);
            return createProcessor(new GuaranteeTerms(), templates, environment.MAKEGOOD_ROUTE, shards);
          },
        },
        shardLogProvider,
      ],
    };
  }
}
