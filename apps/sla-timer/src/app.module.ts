import { Module, type DynamicModule } from '@nestjs/common';
import { KitModule, SHARD_PROCESSOR, shardLogProvider, type ServiceOptions } from '#libs/service';
import { GuaranteesController } from './guarantees/guarantees.controller.js';
import { GuaranteeSets } from './guarantees/guarantee-sets.js';
import { PromiseLogController } from './promise-log/promise-log.controller.js';
import { PromiseLogProcessor } from './promise-log/promise-log.processor.js';
import { PromisesController } from './promises/promises.controller.js';
import { TickRelay } from './ticks/tick-relay.js';

@Module({})
export class AppModule {
  static forService(options: ServiceOptions): DynamicModule {
    return {
      module: AppModule,
      imports: [KitModule.forService(options)],
      controllers: [PromiseLogController, GuaranteesController, PromisesController],
      providers: [
        { provide: SHARD_PROCESSOR, useClass: PromiseLogProcessor },
        shardLogProvider,
        GuaranteeSets,
        TickRelay,
      ],
    };
  }
}
