import { Command } from 'commander';
import { dataDirOption, portBaseOption } from '../commands/options.js';
import type { CliConfig } from '../config.js';
import { demo } from '../demo/demo.js';
import { replay, replayReport } from './replay.js';
import type { Terminal } from '../terminal/terminal.js';

/** History through the whole pipeline, and the demo. */
export function addReplayCommands(program: Command, config: CliConfig, terminal: Terminal): void {
  const reporting = (command: Command): Command =>
    command
      .option('--report <file>', 'write the report as JSON')
      .option('--out <dir>', 'write what makegood said: one NDJSON file a topic')
      .option('--json', 'print the report as JSON');
  reporting(program.command('replay <file>'))
    .description('history (CSV or NDJSON, also .gz) through the whole pipeline on log time, and its report')
    .option('--map <file>', 'how a row becomes events; without it a line is a CloudEvent')
    .option('--guarantees <dir>', 'judge by the guarantees of this folder (default: guarantees/)')
    .option('--until <instant>', 'judge as of this instant (default: the last event)')
    .option('--as-is', 'feed in the order of the file, not of time')
    .option('--payouts', 'watch payouts as promises of their own: slower, each tick waits for what it sets off')
    .option('--keep', 'leave the stack up, its clock standing, until ./makegood down')
    .addOption(dataDirOption('keep the data here; a replay stack that is there goes on (default: one of its own)'))
    .addOption(portBaseOption('first port of the stack (default: 8080, or the next free ones)'))
    .addHelpText('after', '\n`replay report --data-dir D` prints the report of a kept stack again.')
    .action((file: string, options) =>
      // A history named "report" can be given as ./report.
      file === 'report' ? replayReport(options, terminal) : replay(file, options, config, terminal),
    );
  program
    .command('demo')
    .description('the main job on a bundled stream, end to end: three stories, the totals')
    .option('--once', 'stop when it is told')
    .option('--json', 'one JSON object a line')
    .addOption(portBaseOption('first port of the stack (default: 8080, or the next free ones)'))
    .action((options) => demo(options, config, terminal));
}
