import { ControlSets1780000000001 } from './control-migration.js';
import { ShardHalts1795000000001 } from './halt-migration.js';
import { ShardMoves1797000000001 } from './move-migration.js';
import { ParkedRecords1796000000001 } from './parked-migration.js';
import { OutboxVacuum1798000000001 } from './vacuum-migration.js';

/** What every service's schema has beside its own tables; TypeORM runs all of them in the order of their timestamps. */
export const KIT_MIGRATIONS = [
  ControlSets1780000000001,
  ShardHalts1795000000001,
  ParkedRecords1796000000001,
  ShardMoves1797000000001,
  OutboxVacuum1798000000001,
] as const;
