import { Module, type DynamicModule } from '@nestjs/common';
import { KitModule, SHARD_PROCESSOR, shardLogProvider, type ServiceOptions } from '#libs/service';
import type { Signals } from '#libs/signals';
import { LogController } from './apply-log/log.controller.js';
import { LoyaltyProcessor } from './apply-log/loyalty-processor.js';
import { CustomersController } from './show-customer/customers.controller.js';
import { ReportsController } from './report/reports.controller.js';
import { RulesController } from './rules-in-force/rules.controller.js';
import { PersonalDataController } from './show-customer/personal-data.controller.js';
import { SIGNALS } from './tokens.js';

@Module({})
class LoyaltyModule {}

/** The service: customers learnt from the log, scores told to the log and over HTTP. */
export function loyaltyModule(options: ServiceOptions, signals: Signals): DynamicModule {
  return {
    module: LoyaltyModule,
    imports: [KitModule.forService(options)],
    controllers: [LogController, CustomersController, PersonalDataController, ReportsController, RulesController],
    providers: [
      { provide: SIGNALS, useValue: signals },
      { provide: SHARD_PROCESSOR, useClass: LoyaltyProcessor },
      shardLogProvider,
    ],
  };
}
