import type { Command } from 'commander';
import { UsageError } from '../errors.js';
import type { Terminal } from '../terminal/terminal.js';
import { checkVectors } from './check-vectors.js';

/** `due`: deadlines, computed and explained, without any stack. */
export function addDueCommand(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  program
    .command('due')
    .description('compute and explain a deadline; or check a file of deadlines')
    .option('--vectors <file>', 'compute each deadline of the file and compare')
    .option('--json', 'one JSON object')
    .action((options: { vectors?: string; json?: boolean }) => {
      if (options.vectors !== undefined) return exit(checkVectors(options.vectors, options, terminal));
      throw new UsageError({ code: 'OPTION_MISSING', detail: 'due → needs --vectors FILE', advice: 'See --help.' });
    });
}
