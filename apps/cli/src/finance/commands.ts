import { Option, type Command } from 'commander';
import { dataDirOption, portBaseOption } from '../commands/options.js';
import type { Terminal } from '../terminal/terminal.js';
import { decide } from './approve.js';
import { listExports, makeExport, pendingLines, showExport, withdrawExport } from './exports.js';
import { reconcileFile } from './reconcile.js';

/** What finance and operations do about money: decide, export, reconcile. */
export function addFinanceCommands(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  const aboutStack = (command: Command): Command =>
    command
      .addOption(dataDirOption())
      .addOption(portBaseOption())
      .option('--key <key>', 'whose decision it is (default: the stack’s admin key)')
      .option('--json', 'for scripts');
  const deciding = (command: Command): Command =>
    aboutStack(command)
      .option('--amount <amount>', 'what you saw, such as "60.00 EUR": refused if the line has changed')
      .option('--reason <text>', 'kept with the decision')
      .option('--guarantee <name>', 'all its lines that the breaker holds')
      .option('--region <name>', 'only those of this region')
      .option('--from <instant>', 'issued from then on')
      .option('--to <instant>', 'issued until then');
  deciding(program.command('approve [line]'))
    .description('let a held line go; without a line: list what is held')
    .action((line: string | undefined, options) => decide('approve', line, options, terminal));
  deciding(program.command('reject [line]'))
    .description('decide against a held line; it is asked of nobody')
    .action((line: string | undefined, options) => decide('reject', line, options, terminal));
  const exporting = program
    .command('export')
    .description('payments as files, numbered and repeatable')
    .showHelpAfterError();
  const filed = (command: Command): Command => aboutStack(command).option('--out <file>', 'write it there');
  aboutStack(exporting.command('list'))
    .description('numbers, kinds, hashes')
    .action((options) => listExports(options, terminal));
  filed(exporting.command('pending'))
    .description('what waits for an export, as CSV; nothing is handed over')
    .option('--route <route>', 'only this route, such as export:bank')
    .action((options) => pendingLines(options, terminal));
  filed(exporting.command('make'))
    .description('hand over what waits')
    .addOption(new Option('--format <format>').choices(['csv', 'pain.001']).default('csv'))
    .option('--route <route>', 'only this route')
    .option('--currency <code>', 'only this currency')
    .option('--execute-on <date>', 'when the bank shall pay (default: today)')
    .action((options) => makeExport(options, terminal));
  filed(exporting.command('show <number>'))
    .description('its bytes, the same each time')
    .action((number: string, options) => showExport(number, options, terminal));
  aboutStack(exporting.command('withdraw <number>'))
    .description('take back what of it is not paid, by a new artefact')
    .option('--reason <text>', 'kept with it')
    .action((number: string, options) => withdrawExport(number, options, terminal));
  aboutStack(exporting.command('reconcile <file>'))
    .description('compare a statement (camt.053 or CSV) with the lines, and list what differs')
    .option('--confirm', 'settle what the bank has paid as it should')
    .action(async (file: string, options) => exit(await reconcileFile(file, options, terminal)));
}
