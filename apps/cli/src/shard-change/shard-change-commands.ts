import { InvalidArgumentError, Option, type Command } from 'commander';
import { shardsIn } from '../config.js';
import { UsageError } from '../errors.js';
import { count, seconds, table } from '../terminal/layout.js';
import type { Terminal } from '../terminal/terminal.js';
import { compareDatabases, type Compared } from './compare-databases.js';
import { compareTopics } from './compare-topics.js';
import { copyLog } from './copy-log.js';

interface CopyArguments {
  readonly fromBrokers: string;
  readonly toBrokers: string;
  readonly shards: number;
  readonly rehearsal?: boolean;
  readonly json?: boolean;
}

interface CompareArguments {
  readonly fromBrokers?: string;
  readonly toBrokers?: string;
  readonly fromDatabase: string;
  readonly toDatabase: string;
  readonly json?: boolean;
}

/** `shard copy` and `shard compare`: another number of shards, by a log of its own. */
export function addShardChangeCommands(shard: Command, terminal: Terminal, exit: (code: number) => void): void {
  shard
    .command('copy')
    .description('the whole log into another cluster, with another number of shards; after an interruption: again')
    .requiredOption('--from-brokers <list>', 'the cluster of the installation, host:port, comma-separated')
    .requiredOption('--to-brokers <list>', 'an empty one')
    .addOption(new Option('--shards <n>', 'how many it shall have').argParser(parseShards).makeOptionMandatory())
    .option('--rehearsal', 'while the old services go on: what is there now is copied')
    .option('--json', 'for scripts')
    .action((options: CopyArguments) => copy(options, terminal));
  shard
    .command('compare')
    .description('what the services of two installations have made of their logs, row by row and cent by cent')
    .requiredOption(
      '--from-database <url>',
      'of the old one; several, comma-separated, where its shards live in several',
    )
    .requiredOption('--to-database <url>', 'of the new one')
    .option('--from-brokers <list>', 'compare too what was told on the topics')
    .option('--to-brokers <list>', 'of the new one')
    .option('--json', 'for scripts')
    .action(async (options: CompareArguments) => exit(await compare(options, terminal)));
}

async function copy(options: CopyArguments, terminal: Terminal): Promise<void> {
  const startedMs = performance.now();
  const copied = await copyLog({
    fromBrokers: options.fromBrokers,
    toBrokers: options.toBrokers,
    shards: options.shards,
    isRehearsal: options.rehearsal ?? false,
    onTopic: (topic, read) => terminal.note(`… ${topic}: ${count(read)} records`),
    onProgress: (topic, written) => terminal.progress(`… ${topic}: ${count(written)} written`),
  });
  const elapsedMs = performance.now() - startedMs;
  if (options.json) return terminal.json({ shards: options.shards, elapsedMs, topics: copied });
  const rows = copied.map(({ topic, read, written, appended, elapsedMs: ms }) => [
    topic,
    count(read),
    count(written),
    count(appended),
    seconds(ms),
  ]);
  for (const line of table(['topic', 'read', 'in the copy', 'now written', 'took'], rows)) terminal.line(line);
  terminal.line(`✓ the log has ${options.shards} shards on ${options.toBrokers}  ${seconds(elapsedMs)}`);
  terminal.line(`  start the services there with MAKEGOOD_SHARDS=${options.shards} and empty databases,`);
  terminal.line('  wait until all say drained, then ./makegood shard compare');
}

async function compare(options: CompareArguments, terminal: Terminal): Promise<number> {
  if ((options.fromBrokers === undefined) !== (options.toBrokers === undefined))
    throw new UsageError({
      code: 'OPTIONS_INCOMPLETE',
      detail: 'two clusters → one is named',
      advice: 'give --from-brokers and --to-brokers, or neither',
    });
  const databases = await terminal.busy('comparing rows', () =>
    compareDatabases(options.fromDatabase.split(','), options.toDatabase.split(',')),
  );
  const { fromBrokers, toBrokers } = options;
  const topics =
    fromBrokers !== undefined && toBrokers !== undefined
      ? await terminal.busy('comparing topics', () => compareTopics(fromBrokers, toBrokers))
      : null;
  const passed =
    databases.every(({ differing }) => differing === 0) &&
    (topics === null || topics.conflicts.length + topics.missing.length === 0);
  if (options.json) terminal.json({ passed, databases, topics });
  else {
    for (const line of databases.flatMap(comparedText)) terminal.line(line);
    if (topics) {
      const { events, conflicts, missing } = topics;
      const good = conflicts.length + missing.length === 0;
      terminal.line(
        `${good ? '✓' : '✗'} told: ${count(events)} events, ${conflicts.length} with another content, ${missing.length} missing`,
      );
      for (const id of [...conflicts, ...missing]) terminal.line(`    ${id}`);
    }
  }
  return passed ? 0 : 1;
}

function comparedText({ what, old, new: now, differing, examples }: Compared): string[] {
  const rows = old === now ? count(old) : `${count(old)} before, ${count(now)} now`;
  return [
    `${differing === 0 ? '✓' : '✗'} ${what}: ${rows}, ${differing === 0 ? 'all the same' : `${count(differing)} differ`}`,
    ...examples.flatMap(({ id, old: before, new: after }) => [
      `    ${id}`,
      `      before ${before ?? 'not there'}`,
      `      now    ${after ?? 'not there'}`,
    ]),
  ];
}

function parseShards(text: string): number {
  const shards = shardsIn(text);
  if (shards === null) throw new InvalidArgumentError('Expected a number from 1 to 1024.');
  return shards;
}
