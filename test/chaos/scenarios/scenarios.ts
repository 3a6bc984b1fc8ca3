import type { Terminal } from '../../../apps/cli/src/terminal/terminal.js';
import type { Outcome } from '../report/outcome.js';
import { databaseRestored } from './database-restored.js';
import { logWentBack } from './log-went-back.js';
import { outages } from './outages.js';
import { playScript, type ScenarioOptions, type Script } from './play.js';
import { poison } from './poison.js';
import { rebalanceInStorm } from './rebalance-in-storm.js';
import { timerAway } from './timer-away.js';

export interface Scenario {
  readonly about: string;
  readonly run: (options: ScenarioOptions, terminal: Terminal) => Promise<Outcome>;
}

const scenario = (about: string, script: (seed: number) => Script): Scenario => ({
  about,
  run: (options, terminal) => playScript(script(options.seed), options, terminal),
});

/** Each shows one thing by itself, with the same load, bank and oracle as a chaos run. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'rebalance-in-storm': scenario('50,000 deadlines within a second, and a rebalance in the middle', rebalanceInStorm),
  'timer-away': scenario('sla-timer away across the deadline of 10,000 promises', timerAway),
  'log-went-back': scenario('a partition of makegood.events.v1 loses its last half minute', logWentBack),
  poison: scenario('one poison in a thousand among 100,000 events; mended, replayed, discarded', poison),
  'database-restored': scenario('PostgreSQL put back to a backup 5 minutes old', databaseRestored),
  outages: scenario('Kafka away for 5 minutes under load, then PostgreSQL', outages),
};
