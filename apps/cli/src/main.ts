import { readConfig } from './config.js';
import { runCli } from './program.js';
import { Terminal } from './terminal/terminal.js';

const config = readConfig();
const terminal = new Terminal(process.stdout, process.stderr, config.noColor);
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0); // the reader of our pipe has seen enough
});
process.exitCode = await runCli(process.argv.slice(2), config, terminal);
// Keep-alive connections would hold the process for seconds; output is flushed first.
process.stdout.write('', () => process.exit());
