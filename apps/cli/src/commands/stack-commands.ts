import { Command, Option } from 'commander';
import { down } from './down.js';
import { infra } from './infra.js';
import { dataDirOption, portBaseOption } from './options.js';
import { status } from './status.js';
import { supervise, up } from './up.js';
import type { CliConfig } from '../config.js';
import type { Terminal } from '../terminal/terminal.js';

/** Starting, stopping and looking at a stack. */
export function addStackCommands(
  program: Command,
  config: CliConfig,
  terminal: Terminal,
  exit: (code: number) => void,
): void {
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
