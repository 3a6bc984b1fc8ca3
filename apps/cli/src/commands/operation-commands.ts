import { DISRUPTION_EFFECTS } from '#libs/contracts';
import { Command, Option } from 'commander';
import { declareDisruption, listDisruptions, withdrawDisruption } from './disruption.js';
import { decideLetter, listLetters, showLetter } from './dlq.js';
import { aboutStack } from './options.js';
import { rebase } from './rebase.js';
import { addShardCommands } from './shard.js';
import type { Terminal } from '../terminal/terminal.js';

/** What operations do about promises and letters. */
export function addOperationCommands(program: Command, terminal: Terminal, exit: (code: number) => void): void {
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
  addShardCommands(program, terminal, exit);
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
