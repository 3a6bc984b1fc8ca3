import { join } from 'node:path';
import { TOPICS, type CloudEvent } from '#libs/contracts';
import { parseInstant } from '#libs/kernel';
import { clock } from '../clock.js';
import { addresses } from '../commands/up.js';
import type { CliConfig } from '../config.js';
import { inTimeOrder, withTicks, type FeedItem } from '../replay/feed-order.js';
import { peaksOf } from '../replay/outcome.js';
import { openReplayStack } from '../replay/replay-stack.js';
import { feedAndReport } from '../replay/replay.js';
import { reportLines } from '../replay/report-text.js';
import type { ReplayReport } from '../replay/report.js';
import { removeDataDir } from '../stack/database-home.js';
import { stopStack } from '../stack/detached.js';
import { MAKEGOOD_DIR } from '../stack/project.js';
import { count, seconds } from '../terminal/layout.js';
import type { Terminal } from '../terminal/terminal.js';
import { readTopics } from '../topics/read-topic.js';
import { sampleStream } from './sample-stream.js';
import { StoryCollector, STORY_ZONE, storyLines, type Story } from './stories.js';

export interface DemoOptions {
  readonly once?: boolean;
  readonly json?: boolean;
  readonly portBase?: number;
}

/** Long enough after the last event that every correction window has closed. */
const AFTERWARDS_MS = 21 * 86_400_000;

/** `demo`: the main job on a bundled stream: three stories, the totals, what to try next. */
export async function demo(options: DemoOptions, config: CliConfig, terminal: Terminal): Promise<void> {
  const dataDir = join(MAKEGOOD_DIR, 'demo');
  await stopStack(dataDir);
  removeDataDir(dataDir); // each demo starts from nothing
  const stream = sampleStream();
  terminal.note(
    `A week of a post office and a hotel, ${count(stream.events.length)} events, on simulated time, through a real Kafka and PostgreSQL.`,
  );
  const stack = await openReplayStack({
    dataDir,
    portBase: options.portBase ?? null,
    guaranteesDir: null,
    config,
    terminal,
  });
  const stop = async (): Promise<void> => {
    await terminal.busy('stopping the stack', () => stack.close());
    removeDataDir(dataDir);
  };
  try {
    const startedAtMs = clock.nowMs();
    const items = inTimeOrder(stream.events.map(feedItem));
    const untilMs = (items.at(-1) as FeedItem).atMs + AFTERWARDS_MS;
    const { client } = stack;
    const report = await feedAndReport({
      client,
      lines: withTicks(items, untilMs),
      events: items.length,
      outDir: null,
      terminal,
    });
    terminal.note(`  ✓ every verdict fallen ${seconds(clock.nowMs() - startedAtMs)} after the services were ready`);
    const collector = new StoryCollector(stream.stories);
    const topics = [TOPICS.events, TOPICS.promises, TOPICS.compensations];
    await readTopics({ brokers: client.brokers, topics, from: 'earliest', untilEnd: true }, ({ topic, text }) => {
      collector.add(topic, JSON.parse(text) as CloudEvent<unknown>);
    });
    tell(collector.tell(), report, peaksOf(dataDir), options, stream.stories.madeGood, terminal);
    if (!options.once) await stay(client.portBase, terminal);
  } finally {
    await stop();
  }
}

function feedItem(event: CloudEvent): FeedItem {
  return { atMs: parseInstant(event.receivedat ?? event.time) as number, text: JSON.stringify(event) };
}

function tell(
  stories: readonly Story[],
  report: ReplayReport,
  peaksMiB: Readonly<Record<string, number>>,
  options: DemoOptions,
  subject: string,
  terminal: Terminal,
): void {
  if (options.json) {
    for (const { title, subject: about, events, ending } of stories) {
      for (const { topic, event } of events) terminal.json({ story: title, topic, event });
      terminal.json({ story: title, subject: about, ending });
    }
    return terminal.json({ report });
  }
  terminal.line();
  terminal.line(terminal.paint('dim', `Read back from the topics; times in ${STORY_ZONE}.`));
  for (const story of stories) {
    const [title, ...lines] = storyLines(story);
    terminal.line();
    terminal.line(terminal.paint('bold', title ?? ''));
    for (const line of lines) terminal.line(line);
  }
  terminal.line();
  for (const line of reportLines(report, peaksMiB)) terminal.line(line);
  terminal.line();
  terminal.line('Next:');
  for (const command of nextCommands(options.once === true, subject)) terminal.line(`  ${command}`);
}

function nextCommands(once: boolean, subject: string): string[] {
  const other = ['./makegood up --detach', './makegood guarantee check guarantees/*.yaml'];
  if (once) return ['./makegood demo', ...other];
  return [
    `./makegood explain ${subject} --data-dir .makegood/demo`,
    './makegood tail compensations --until-end --data-dir .makegood/demo',
    other[0] as string,
  ];
}

/** Until Ctrl-C. */
async function stay(portBase: number, terminal: Terminal): Promise<void> {
  terminal.line();
  terminal.line('The stack stays up (Ctrl-C stops it):');
  for (const line of addresses(portBase)) terminal.line(line);
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.removeAllListeners(signal); // the stack is closed in order below
    process.once(signal, () => ended.abort());
  }
  while (!ended.signal.aborted) await clock.sleep(3_600_000, ended.signal);
}
