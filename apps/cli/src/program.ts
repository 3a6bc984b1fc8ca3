import { guaranteeJsonSchema } from '#libs/guarantees';
import { addLoyaltyCommands } from './loyalty/loyalty-commands.js';
import { ensureTopics } from './stack/topics.js';
import { verify } from './verify/verify.js';
import { Command, CommanderError, Option } from 'commander';
import type { CliConfig } from './config.js';
import { isInterruption, problemsFrom, problemText, UsageError } from './errors.js';
import { DISRUPTION_EFFECTS, ROLES } from '#libs/contracts';
import { backtest } from './backtest/backtest.js';
import { calibrate } from './backtest/calibrate.js';
import { demo } from './demo/demo.js';
import { addDueCommand } from './due/due-command.js';
import { addFinanceCommands } from './finance/commands.js';
import { explain } from './explain/explain.js';
import { replay, replayReport } from './replay/replay.js';
import { checkGuarantees } from './commands/guarantee-check.js';
import { guaranteeCases } from './guarantee-cases/guarantee-cases.js';
import { declareDisruption, listDisruptions, withdrawDisruption } from './commands/disruption.js';
import { decideLetter, listLetters, showLetter } from './commands/dlq.js';
import { testGuarantees } from './guarantee-test/guarantee-test.js';
import { createKey, listKeys, revokeKey } from './commands/key.js';
import { rebase } from './commands/rebase.js';
import { send } from './commands/send.js';
import { addShardCommands } from './commands/shard.js';
import { tail } from './commands/tail.js';
import { dataDirOption, portBaseOption } from './commands/options.js';
import { down } from './commands/down.js';
import { infra } from './commands/infra.js';
import { status } from './commands/status.js';
import { supervise, up } from './commands/up.js';
import type { Terminal } from './terminal/terminal.js';

const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Runs one command line. @returns its exit code: 0 done, 1 failed, 2 wrong usage. */
export async function runCli(args: readonly string[], config: CliConfig, terminal: Terminal): Promise<number> {
  let exitCode: number = EXIT.done;
  const program = buildProgram(config, terminal, (code) => (exitCode = code));
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (isInterruption(error)) return EXIT.interrupted;
    for (const problem of problemsFrom(error)) terminal.note(`${terminal.paint('red', '✗')} ${problemText(problem)}`);
    if (config.debug && error instanceof Error) terminal.note(error.stack ?? '');
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
}

function buildProgram(config: CliConfig, terminal: Terminal, exit: (code: number) => void): Command {
  const program = new Command('makegood')
    .description('Promises with a deadline, kept or made good: by itself, exactly once, explained to the cent.')
    .exitOverride()
    .showSuggestionAfterError(true)
    .showHelpAfterError('(./makegood --help lists the commands)');
  addStackCommands(program, config, terminal, exit);
  addEventCommands(program, terminal, exit);
  addOperationCommands(program, terminal);
  addReplayCommands(program, config, terminal);
  addGuaranteeCommands(program, terminal, exit);
  addDueCommand(program, terminal, exit);
  addFinanceCommands(program, terminal, exit);
  addCheckingCommands(program, config, terminal, exit);
  addLauncherCommands(program);
  return program;
}

function addStackCommands(program: Command, config: CliConfig, terminal: Terminal, exit: (code: number) => void): void {
  program
    .command('up')
    .description('start the stack: broker, database and the four services')
    .option('--detach', 'return when every service is ready')
    .addOption(dataDirOption())
    .addOption(portBaseOption())
    .option('--guarantees <dir>', 'activate the guarantees of this folder (default: guarantees/)')
    .addOption(new Option('--mode <mode>').choices(['live', 'replay']).hideHelp())
    .addOption(new Option('--only <parts>', 'comma-separated: broker,database and services').hideHelp())
    .action((options) => up(options, config, terminal));
  program
    .command('supervise', { hidden: true })
    .requiredOption('--data-dir <dir>')
    .addOption(portBaseOption())
    .option('--guarantees <dir>')
    .option('--mode <mode>')
    .option('--only <parts>')
    .action((options) => supervise(options, config, terminal));
  program
    .command('infra', { hidden: true })
    .description('broker and database alone, in the foreground')
    .requiredOption('--data-dir <dir>')
    .addOption(portBaseOption())
    .addOption(new Option('--mode <mode>').choices(['live', 'replay']).default('live'))
    .action((options) => infra(options, config, terminal));
  program
    .command('down')
    .description('stop the stack in order; its data stay')
    .addOption(dataDirOption())
    .addOption(portBaseOption())
    .action((options) => down(options, terminal));
  program
    .command('status')
    .description('what runs, where, and whether it is ready')
    .addOption(dataDirOption())
    .addOption(portBaseOption())
    .option('--json', 'one JSON object')
    .action(async (options) => exit(await status(options, terminal)));
}

const aboutStack = (command: Command): Command =>
  command.addOption(dataDirOption()).addOption(portBaseOption()).option('--json', 'for scripts');

/** What operations do about promises and letters. */
function addOperationCommands(program: Command, terminal: Terminal): void {
  const disruption = program
    .command('disruption')
    .description('what kept promises from being kept')
    .showHelpAfterError();
  aboutStack(disruption.command('declare'))
    .description('excuse, pause or extend the promises that it overlaps')
    .requiredOption('--from <instant>', 'its beginning, RFC 3339')
    .requiredOption('--to <instant>', 'its end, not part of it')
    .requiredOption('--reason <text>', 'for whoever asks later')
    .addOption(new Option('--effect <effect>', 'what it does').choices(DISRUPTION_EFFECTS).default('excuse'))
    .option('--scope <cel>', 'which promises, e.g. facts.region in ["RS"] (default: every one)')
    .action((options) => declareDisruption(options, terminal));
  aboutStack(disruption.command('list'))
    .description('all that were declared')
    .action((options) => listDisruptions(options, terminal));
  aboutStack(disruption.command('withdraw <id>'))
    .description('what it excused is answered for again')
    .option('--reason <text>', 'for whoever asks later')
    .action((id: string, options) => withdrawDisruption(id, options, terminal));
  aboutStack(program.command('rebase <guarantee>'))
    .description('open promises move to the calendars and tables that are active now')
    .option('--dry-run', 'only show what would change: dues, verdicts, money')
    .action((guarantee: string, options) => rebase(guarantee, options, terminal));
  addShardCommands(program, terminal);
  const dlq = program.command('dlq').description('dead letters: what could not be processed').showHelpAfterError();
  aboutStack(dlq.command('list'))
    .description('those that nobody has decided')
    .option('--all', 'the decided ones too')
    .option('--orphans', 'facts whose promise never came, instead')
    .action((options) => listLetters(options, terminal));
  aboutStack(dlq.command('show <id>'))
    .description('one letter with its original')
    .action((id: string, options) => showLetter(id, options, terminal));
  for (const what of ['replay', 'discard'] as const) {
    aboutStack(dlq.command(`${what} <id>`))
      .description(what === 'replay' ? 'on its way again, as received when it first was' : 'nothing is to come of it')
      .requiredOption('--reason <text>', 'for whoever asks later')
      .action((id: string, options) => decideLetter(what, id, options, terminal));
  }
}

function addEventCommands(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  aboutStack(program.command('send <file>'))
    .description('post CloudEvents to intake: one JSON event, an array, or NDJSON ("-": stdin)')
    .action(async (file: string, options) => exit(await send(file, options, terminal)));
  aboutStack(program.command('tail <topic>'))
    .description('watch a topic, by its name or its middle: promises, compensations, loyalty …')
    .option('--type <type>', 'only events of this type (or below it: "refund")')
    .addOption(new Option('--from <where>', 'start at the oldest event').choices(['earliest', 'latest']))
    .option('--until-end', 'stop at the present end (from the oldest event, unless --from says otherwise)')
    .action((topic: string, options) => tail(topic, options, terminal));
  aboutStack(program.command('explain <id>'))
    .description('why: facts, rule and arithmetic, by subject, promise, line or compensation id')
    .action((id: string, options) => explain(id, options, terminal));
  const key = program.command('key').description('API keys').showHelpAfterError();
  aboutStack(key.command('create'))
    .description('make a key; it is shown once')
    .option('--source <source>', 'the CloudEvents source an upstream key may speak for')
    .option('--role <role>', `one of ${ROLES.join(', ')}`, 'upstream')
    .action((options) => createKey(options, terminal));
  aboutStack(key.command('list'))
    .description('ids, roles, sources')
    .action((options) => listKeys(options, terminal));
  aboutStack(key.command('revoke <id>'))
    .description('no service takes it any more')
    .action((id: string, options) => revokeKey(id, options, terminal));
}

function addReplayCommands(program: Command, config: CliConfig, terminal: Terminal): void {
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

function addGuaranteeCommands(program: Command, terminal: Terminal, exit: (code: number) => void): void {
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

function addCheckingCommands(
  program: Command,
  config: CliConfig,
  terminal: Terminal,
  exit: (code: number) => void,
): void {
  program
    .command('verify')
    .description('self-checks: verdicts from facts (the log read again), books that balance')
    .addOption(dataDirOption())
    .addOption(portBaseOption())
    .option('--json', 'one JSON object')
    .action(async (options) => exit(await verify(options, config, terminal)));
  addLoyaltyCommands(program, terminal, exit);
  program
    .command('topics')
    .description('make the topics of an installation on a broker of yours (compose does)')
    .requiredOption('--brokers <list>', 'host:port, comma-separated')
    .action(async ({ brokers }: { brokers: string }) => {
      await ensureTopics(brokers, 'live', { withinMs: 60_000 });
      terminal.line(`✓ topics ready on ${brokers}`);
    });
}

/** Commands that the entry point ./makegood runs itself: here for the help and for suggestions only. */
function addLauncherCommands(program: Command): void {
  const launched = {
    bench: 'benchmarks beside their floor',
    test: 'the whole test suite',
    chaos: 'the real stack under load and under fire, and an oracle that counts',
    check: 'format, lint, types, directions',
  };
  for (const [name, description] of Object.entries(launched)) {
    program
      .command(name)
      .description(description)
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => {
        throw new UsageError({
          code: 'WRONG_ENTRY',
          detail: `${name} → runs only through the entry point`,
          advice: `./makegood ${name}`,
        });
      });
  }
}
