import { guaranteeJsonSchema } from '#libs/guarantees';
import { Command, Option } from 'commander';
import { backtest } from '../backtest/backtest.js';
import { calibrate } from '../backtest/calibrate.js';
import { checkGuarantees } from './guarantee-check.js';
import { guaranteeCases } from '../guarantee-cases/guarantee-cases.js';
import { testGuarantees } from '../guarantee-test/guarantee-test.js';
import type { Terminal } from '../terminal/terminal.js';

/** `guarantee …`: writing guarantees. */
export function addGuaranteeCommands(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  const guarantee = program.command('guarantee').description('write guarantees with confidence').showHelpAfterError();
  guarantee
    .command('check <files...>')
    .description('compile guarantees, calendars and tables as one set; every mistake with its place and the way out')
    .option('--json', 'one JSON object')
    .action(async (files: string[], options) => exit(await checkGuarantees(files, options, terminal)));
  guarantee
    .command('cases <file>')
    .description('cases of schemes through the engines, each under the guarantee that it names')
    .option('--json', 'one JSON object')
    .action(async (file: string, options) => exit(await guaranteeCases(file, options, terminal)));
  guarantee
    .command('test <files...>')
    .description('guarantees against the cases beside them (NAME.cases.json): what came out otherwise, and why')
    .option('-v, --verbose', 'name what came out as expected too')
    .option('--json', 'one JSON object')
    .action(async (files: string[], options) => exit(await testGuarantees(files, options, terminal)));
  const learning = (command: Command): Command =>
    command
      .requiredOption('--history <file>', 'what happened: CSV or NDJSON, also .gz')
      .option('--map <file>', 'how a row becomes events; without it a line is a CloudEvent')
      .option('--until <instant>', 'judge as of this instant (default: the last event)')
      .option('--json', 'one JSON object');
  learning(guarantee.command('backtest <file>'))
    .description('what it would have kept, missed and cost, had it been in force: in memory, in seconds')
    .addOption(
      new Option('--claims <who>', 'who claims what has to be claimed').choices(['all', 'none']).default('none'),
    )
    .action((file: string, options) => backtest(file, options, terminal));
  learning(guarantee.command('calibrate <file>'))
    .description('which term could be promised so that it is kept often enough')
    .option('--reliability <share>', 'how often it shall be kept', '0.97')
    .option('--by <name>', 'apart by owner, group, or a fact of the guarantee')
    .action((file: string, options) => calibrate(file, options, terminal));
  guarantee
    .command('schema')
    .description('the JSON Schema of the language, for editors that complete it')
    .action(() => terminal.line(JSON.stringify(guaranteeJsonSchema, null, 2)));
}
