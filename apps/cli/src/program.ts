import { Command, CommanderError } from 'commander';
import { addEventCommands } from './commands/event-commands.js';
import { addGuaranteeCommands } from './commands/guarantee-commands.js';
import { addOperationCommands } from './commands/operation-commands.js';
import { addStackCommands } from './commands/stack-commands.js';
import type { CliConfig } from './config.js';
import { addDueCommand } from './due/due-command.js';
import { addLoyaltyCommands } from './loyalty/loyalty-commands.js';
import { UsageError, isInterruption, problemText, problemsFrom } from './errors.js';
import { addFinanceCommands } from './finance/commands.js';
import { addReplayCommands } from './replay/replay-commands.js';
import type { Terminal } from './terminal/terminal.js';
import { addCheckingCommands } from './verify/verify-commands.js';

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
  addOperationCommands(program, terminal, exit);
  addReplayCommands(program, config, terminal);
  addGuaranteeCommands(program, terminal, exit);
  addDueCommand(program, terminal, exit);
  addFinanceCommands(program, terminal, exit);
  addCheckingCommands(program, config, terminal, exit);
  addLoyaltyCommands(program, terminal, exit);
  addLauncherCommands(program);
  return program;
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
