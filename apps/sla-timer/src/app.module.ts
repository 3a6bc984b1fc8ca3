import { Module, type DynamicModule } from '@nestjs/common';
import {
  KitModule,
  SELF_CHECK,
  SelfCheckController,
  selfCheckRunnerProvider,
  SHARD_PROCESSOR,
  shardLogProvider,
  type ServiceOptions,
} from '#libs/service';
import { AttainmentController } from './attainment/attainment.controller.js';
import { CommandLog } from './commands/command-log.js';
import { Disruptions } from './disruptions/disruptions.js';
import { DisruptionsController } from './disruptions/disruptions.controller.js';
import { GuaranteesController } from './guarantees/guarantees.controller.js';
import { GuaranteeSets } from './guarantees/guarantee-sets.js';
import { OperatorController } from './operator/operator.controller.js';
import { OperatorFacts } from './operator/operator-facts.js';
import { OrphansController } from './orphans/orphans.controller.js';
import { PromiseLogController } from './promise-log/promise-log.controller.js';
import { PromiseLogProcessor } from './promise-log/promise-log.processor.js';
import { PromisesController } from './promises/promises.controller.js';
import { RebaseController } from './rebase/rebase.controller.js';
import { VerdictCheck } from './self-check/verdict-check.js';
import { TickRelay } from './ticks/tick-relay.js';

@Module({})
export class AppModule {
  static forService(options: ServiceOptions): DynamicModule {
    return {
      module: AppModule,
      imports: [KitModule.forService(options)],
      controllers: [
        PromiseLogController,
        GuaranteesController,
        PromisesController,
        OperatorController,
        DisruptionsController,
        RebaseController,
        AttainmentController,
        OrphansController,
        SelfCheckController,
      ],
      providers: [
        { provide: SHARD_PROCESSOR, useClass: PromiseLogProcessor },
        shardLogProvider,
        GuaranteeSets,
        CommandLog,
        Disruptions,
        OperatorFacts,
        TickRelay,
        { provide: SELF_CHECK, useClass: VerdictCheck },
        selfCheckRunnerProvider,
      ],
    };
  }
}
