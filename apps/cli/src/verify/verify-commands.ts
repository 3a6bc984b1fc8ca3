import { Command } from 'commander';
import { dataDirOption, portBaseOption } from '../commands/options.js';
import type { CliConfig } from '../config.js';
import { ensureTopics } from '../stack/topics.js';
import type { Terminal } from '../terminal/terminal.js';
import { verify } from './verify.js';

/** `verify` and `topics`. */
export function addCheckingCommands(
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
  program
    .command('topics')
    .description('make the topics of an installation on a broker of yours (compose does)')
    .requiredOption('--brokers <list>', 'host:port, comma-separated')
    .action(async ({ brokers }: { brokers: string }) => {
      await ensureTopics(brokers, 'live', { withinMs: 60_000 }, config.shards);
      terminal.line(`✓ topics ready on ${brokers}`);
    });
}
