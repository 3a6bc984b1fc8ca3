import { ROLES } from '#libs/contracts';
import { Command, Option } from 'commander';
import { createKey, listKeys, revokeKey } from './key.js';
import { aboutStack } from './options.js';
import { send } from './send.js';
import { tail } from './tail.js';
import { explain } from '../explain/explain.js';
import type { Terminal } from '../terminal/terminal.js';

/** Feeding, watching, asking why; keys. */
export function addEventCommands(program: Command, terminal: Terminal, exit: (code: number) => void): void {
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
