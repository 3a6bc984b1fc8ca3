import { Module, type DynamicModule } from '@nestjs/common';
import { KitModule, SHARD_PROCESSOR, shardLogProvider, type ServiceOptions } from '#libs/service';
import { CompensationProcessor } from './compensation-processor.js';
import { CompensationsController } from './compensations/compensations.controller.js';
import type { CompensationEnvironment } from './config.js';
import { LedgerController } from './ledger/ledger.controller.js';
import { LogController } from './log.controller.js';
import { PromiseLog } from './promise-log/promise-log.js';
import { SettlementLog } from './settlements/settlement-log.js';
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
      controllers: [LogController, CompensationsController, LedgerController, SettlementsController],
      providers: [
        {
          provide: SHARD_PROCESSOR,
          useFactory: () => {
            const templates = TemplateLibrary.read(environment.MAKEGOOD_TEMPLATES_DIR);
            const promises = new PromiseLog(new GuaranteeTerms(), templates, shards);
            return new CompensationProcessor(promises, new SettlementLog(shards));
          },
        },
        shardLogProvider,
      ],
    };
  }
}
