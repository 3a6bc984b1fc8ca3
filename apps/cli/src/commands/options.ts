import { InvalidArgumentError, Option, type Command } from 'commander';

/** What every command needs of its surroundings. */
export interface StackSelector {
  readonly dataDir?: string;
  readonly portBase?: number;
}

export const dataDirOption = (text = "the stack's folder (default: .makegood/stack)"): Option =>
  new Option('--data-dir <dir>', text);

export const portBaseOption = (text = 'first port of the stack (default: 8080)'): Option =>
  new Option('--port-base <n>', text).argParser(parsePortBase);

/** A command that speaks to a running stack. */
export const aboutStack = (command: Command): Command =>
  command.addOption(dataDirOption()).addOption(portBaseOption()).option('--json', 'for scripts');

function parsePortBase(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1_024 || port > 65_500) {
    throw new InvalidArgumentError('Expected a port from 1024 to 65500.');
  }
  return port;
}
