import { Module, type DynamicModule } from '@nestjs/common';
import { KitModule, SHARD_PROCESSOR, shardLogProvider, type ServiceOptions } from '#libs/service';
import { LogController } from './apply-log/log.controller.js';
import { LoyaltyProcessor } from './apply-log/loyalty-processor.js';
import { CustomersController } from './show-customer/customers.controller.js';

@Module({})
class LoyaltyModule {}

/** The service: customers learnt from the log, scores told to the log and over HTTP. */
export function loyaltyModule(options: ServiceOptions): DynamicModule {
  return {
    module: LoyaltyModule,
    imports: [KitModule.forService(options)],
    controllers: [LogController, CustomersController],
    providers: [{ provide: SHARD_PROCESSOR, useClass: LoyaltyProcessor }, shardLogProvider],
  };
}
