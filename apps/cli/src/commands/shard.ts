import type { Command } from 'commander';
import { ProblemError } from '#libs/kernel';
import type { MovedShard } from '#libs/shard-log';
import { findStack } from '../stack/client.js';
import { SERVICE_NAMES, type ServiceName } from '../stack/ports.js';
import { addShardChangeCommands } from '../shard-change/shard-change-commands.js';
import { table } from '../terminal/layout.js';
import type { Terminal } from '../terminal/terminal.js';
import { dataDirOption, portBaseOption, type StackSelector } from './options.js';

interface Halt {
  readonly shard: number;
  readonly topic: string;
  readonly reason: string;
  readonly nextOffset: number;
  readonly logEnd: number;
}

interface Accepted {
  readonly shard: number;
  readonly topics: readonly { readonly topic: string; readonly from: number; readonly to: number }[];
}

interface Place {
  readonly shard: number;
  readonly database: string;
  readonly isMoving: boolean;
}

type Client = ReturnType<typeof findStack>;

export function addShardCommands(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  const aboutStack = (command: Command): Command =>
    command.addOption(dataDirOption()).addOption(portBaseOption()).option('--json', 'for scripts');
  const shard = program
    .command('shard')
    .description('shards that stand still since their log went back, where shards live, and how many there are')
    .showHelpAfterError();
  aboutStack(shard.command('list'))
    .description('in which services, where')
    .action((options) => listShards(options, terminal));
  aboutStack(shard.command('accept <shard>'))
    .description('go on in the log as it is now; nothing is decided or paid twice')
    .requiredOption('--reason <text>', 'for whoever asks later')
    .action((number: string, options) => acceptHaltedShard(number, options, terminal));
  aboutStack(shard.command('places'))
    .description('which database each shard of sla-timer lives in')
    .action((options) => showPlaces(options, terminal));
  aboutStack(shard.command('move <shard>'))
    .description(
      'take a shard of sla-timer to another database of DATABASE_URLS, while events flow; after a crash: again',
    )
    .requiredOption('--to <name>', 'as DATABASE_URLS names it; main is DATABASE_URL')
    .requiredOption('--reason <text>', 'for whoever asks later')
    .action((number: string, options) => moveShard(number, options, terminal));
  addShardChangeCommands(shard, terminal, exit);
}

/** `shard places`. */
async function showPlaces(options: StackSelector & { readonly json?: boolean }, terminal: Terminal): Promise<void> {
  const { shards } = await findStack(options).get<{ shards: Place[] }>('sla-timer', '/shards/places');
  if (options.json) return terminal.json(shards);
  const rows = shards.map(({ shard, database, isMoving }) => [String(shard), database, isMoving ? 'being moved' : '']);
  for (const line of table(['shard', 'database', ''], rows)) terminal.line(line.trimEnd());
}

/** `shard move S --to NAME`. */
async function moveShard(
  text: string,
  options: StackSelector & { readonly json?: boolean; readonly to: string; readonly reason: string },
  terminal: Terminal,
): Promise<void> {
  const { to, reason } = options;
  const path = `/shards/${encodeURIComponent(text)}/move`;
  const moved = await findStack(options).post<MovedShard>('sla-timer', path, { to, reason });
  if (options.json) return terminal.json(moved);
  if (moved.from === null) return terminal.line(`✓ shard ${moved.shard} lives in ${to}`);
  const still = `${moved.rows} rows, it stood still for ${(moved.stoodStillMs / 1_000).toFixed(1)} s`;
  terminal.line(`✓ shard ${moved.shard} lives in ${to}, no longer in ${moved.from}: ${still}`);
}

/** `shard list`: the shards that stand still, in all services. */
async function listShards(options: StackSelector & { readonly json?: boolean }, terminal: Terminal): Promise<void> {
  const halted = await haltedOf(findStack(options));
  if (options.json) return terminal.json(halted);
  if (halted.length === 0) return terminal.line('✓ no shard stands still');
  const rows = halted.map(({ service, shard, topic, reason, nextOffset, logEnd }) => [
    service,
    String(shard),
    reason,
    topic,
    String(nextOffset),
    String(logEnd),
  ]);
  for (const line of table(['service', 'shard', 'reason', 'topic', 'next', 'log end'], rows)) terminal.line(line);
}

/** `shard accept S`: every service in which shard S stands still goes on in the log as it is now. */
async function acceptHaltedShard(
  text: string,
  options: StackSelector & { readonly json?: boolean; readonly reason: string },
  terminal: Terminal,
): Promise<void> {
  const client = findStack(options);
  const services = (await haltedOf(client)).filter(({ shard }) => String(shard) === text).map(({ service }) => service);
  if (services.length === 0) {
    throw new ProblemError({
      code: 'SHARD_NOT_HALTED',
      detail: `shard ${text} stands still in some service → in none`,
      advice: './makegood shard list shows those that do',
    });
  }
  const accepted: (Accepted & { readonly service: ServiceName })[] = [];
  for (const service of services) {
    const body = { reason: options.reason };
    accepted.push({ service, ...(await client.post<Accepted>(service, `/shards/${text}/accept`, body)) });
  }
  if (options.json) return terminal.json(accepted);
  for (const { service, shard, topics } of accepted) {
    terminal.line(`✓ shard ${shard} of ${service} goes on`);
    for (const { topic, from, to } of topics) terminal.line(`    ${topic}  ${from} → ${to}`);
  }
}

async function haltedOf(client: Client): Promise<(Halt & { readonly service: ServiceName })[]> {
  const all = await Promise.all(
    SERVICE_NAMES.map(async (service) => {
      const { halted } = await client.get<{ halted: Halt[] }>(service, '/shards/halted');
      return halted.map((halt) => ({ service, ...halt }));
    }),
  );
  return all.flat();
}
