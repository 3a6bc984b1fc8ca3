import type { Command } from 'commander';
import { dataDirOption, portBaseOption } from '../commands/options.js';
import type { Terminal } from '../terminal/terminal.js';
import { loyaltyBacktest } from './backtest.js';
import { loyaltyCases } from './cases.js';
import { applyFit, showModel, withdrawFit } from './model.js';
import { loyaltyRemedies } from './remedies.js';

/** `loyalty …`: the model against cases and against history, and what remedies did. */
export function addLoyaltyCommands(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  const loyalty = program.command('loyalty').description('the loyalty model').showHelpAfterError();
  for (const [name, kind] of [
    ['cases', 'model'],
    ['calibration-cases', 'calibration'],
  ] as const) {
    loyalty
      .command(`${name} <file>`)
      .description(kind === 'model' ? 'the model against worked cases' : 'promise calibration against worked cases')
      .option('--json', 'one JSON object')
      .action((file: string, options) => exit(loyaltyCases(kind, file, options, terminal)));
  }
  const aboutCustomers = (command: Command): Command =>
    command.addOption(dataDirOption()).addOption(portBaseOption()).option('--json', 'one JSON object');
  aboutCustomers(loyalty.command('backtest'))
    .description("the model's predictions against what a stack's customers did: AUC, calibration, lift, weights")
    .option('--days <days>', 'horizon', '90')
    .option('--from <instant>', 'when the predictions are made (default: a horizon before the latest news)')
    .action((options) => loyaltyBacktest(options, terminal));
  aboutCustomers(loyalty.command('model'))
    .description('the rules in force, and the last nightly fit of how customers buy and leave')
    .action((options) => showModel(options, terminal));
  aboutCustomers(loyalty.command('apply'))
    .description('puts the last fit into force, through the log')
    .requiredOption('--ruleset <name>', 'the name that travels with each score from then on')
    .requiredOption('--reason <reason>', 'why')
    .action((options) => applyFit(options, terminal));
  aboutCustomers(loyalty.command('withdraw'))
    .description('back to the rules of signals.yaml, through the log')
    .requiredOption('--reason <reason>', 'why')
    .action((options) => withdrawFit(options, terminal));
  aboutCustomers(loyalty.command('remedies'))
    .description('review, score and repurchase by lateness and remedy')
    .option('--svg <file>', 'also as a picture')
    .action((options) => loyaltyRemedies(options, terminal));
}
