import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { formatInstant, parseInstant, ProblemError, type Problem } from '#libs/kernel';
import { clock } from '../clock.js';
import { addresses } from '../commands/up.js';
import type { CliConfig } from '../config.js';
import { problemText, UsageError } from '../errors.js';
import { findStack, type StackClient } from '../stack/client.js';
import { count } from '../terminal/layout.js';
import type { Terminal } from '../terminal/terminal.js';
import { awaitDrained } from './drain.js';
import { feed, REPLAY_PATIENCE_MS, type FeedProgress, type Rejection } from './feed.js';
import { inTimeOrder, withTicks, type FeedItem } from './feed-order.js';
import { readHistory } from './history-file.js';
import { peaksOf, readOutcome, readTotals, writeTotals } from './outcome.js';
import { expectPayouts, tellNoPayouts, watchesPayouts } from './payouts.js';
import { openReplayStack } from './replay-stack.js';
import { reportLines } from './report-text.js';
import type { ReplayReport } from './report.js';

export interface ReplayOptions {
  readonly map?: string;
  readonly guarantees?: string;
  readonly until?: string;
  readonly asIs?: boolean;
  readonly keep?: boolean;
  /** Watch payouts as promises: each tick waits until what it has set off is worked off. */
  readonly payouts?: boolean;
  readonly dataDir?: string;
  readonly portBase?: number;
  readonly report?: string;
  readonly out?: string;
  readonly json?: boolean;
}

const REJECTIONS_SHOWN = 5;
/** There are thousands of ticks to wait at. */
const AT_TICKS_EVERY_MS = 20;

/** `replay FILE`: history through the whole pipeline on log time, and the report of what came of it. */
export async function replay(
  file: string,
  options: ReplayOptions,
  config: CliConfig,
  terminal: Terminal,
): Promise<void> {
  const untilMs = parseUntil(options.until);
  const { items, problems } = await terminal.busy(`reading ${file}`, () => readHistory(file, options.map ?? null));
  const fed = untilMs === null ? items.length : items.filter((item) => item.atMs <= untilMs).length;
  terminal.note(`  ✓ ${count(items.length)} events read from ${file}${leftOut(items.length - fed, untilMs)}`);
  tellRowProblems(problems, terminal);
  const hasPayouts = watchesPayouts(options.payouts === true, options.dataDir);
  const stack = await openReplayStack({
    dataDir: options.dataDir ?? null,
    portBase: options.portBase ?? null,
    guaranteesDir: options.guarantees ? resolve(options.guarantees) : null,
    config: hasPayouts ? { ...config, inherited: { ...config.inherited, MAKEGOOD_PAYOUTS: 'on' } } : config,
    terminal,
  });
  const { client } = stack;
  try {
    if (hasPayouts) await expectPayouts(client, stack.joined);
    const lines = withTicks(options.asIs ? items : inTimeOrder(items), untilMs);
    const outDir = options.out ?? null;
    const work = { client, lines, events: fed, outDir, terminal, waitsAtTicks: hasPayouts };
    const report = await feedAndReport(work);
    tell(report, options, client, terminal);
    if (hasPayouts) tellNoPayouts(report, terminal);
    if (options.keep || stack.joined) tellKept(client, terminal);
  } finally {
    if (!options.keep) await terminal.busy('stopping the stack', () => stack.close());
  }
}

/** `replay report`: the report of a replay stack that was kept, from its topics as they are now. */
export async function replayReport(
  options: Pick<ReplayOptions, 'dataDir' | 'portBase' | 'report' | 'out' | 'json'>,
  terminal: Terminal,
): Promise<void> {
  const client = findStack(options);
  const report = await readOutcome(client, readTotals(client.dataDir), options.out ?? null);
  tell(report, options, client, terminal);
}

/** Feeds the lines, waits until every service has worked them off, and reads the outcome back from the topics. */
export async function feedAndReport(work: {
  readonly client: StackClient;
  readonly lines: Iterable<FeedItem>;
  readonly events: number;
  readonly outDir: string | null;
  readonly terminal: Terminal;
  readonly waitsAtTicks?: boolean;
}): Promise<ReplayReport> {
  const { client, terminal, events } = work;
  const startedAtMs = clock.nowMs();
  const result = await feed(client, work.lines, {
    patienceMs: REPLAY_PATIENCE_MS,
    onProgress: feedingProgress(events, terminal),
    ...(work.waitsAtTicks ? { afterTick: () => awaitDrained(client, () => undefined, AT_TICKS_EVERY_MS) } : {}),
  });
  tellRejections(result.rejected, terminal);
  if (result.accepted === 0 && result.rejected.length > 0) {
    const { code, detail } = result.rejected[0] as Rejection;
    throw new ProblemError({ code, detail: `events that intake accepts → none; the first: ${detail}` });
  }
  await terminal.busy('working off', () => awaitDrained(client, () => undefined));
  const before = readTotals(client.dataDir);
  const totals = {
    events: before.events + events - result.rejected.length,
    elapsedMs: before.elapsedMs + clock.nowMs() - startedAtMs,
    ...(before.payouts === undefined ? {} : { payouts: before.payouts }),
  };
  writeTotals(client.dataDir, totals);
  return terminal.busy('reading the topics back', () => readOutcome(client, totals, work.outDir));
}

export function parseUntil(text: string | undefined): number | null {
  if (text === undefined) return null;
  const untilMs = parseInstant(text);
  if (untilMs !== null) return untilMs;
  throw new UsageError({
    code: 'UNTIL_INVALID',
    detail: `--until as RFC 3339 with an offset → ${JSON.stringify(text)}`,
    advice: 'for example --until 2018-12-31T00:00:00-02:00',
  });
}

function leftOut(later: number, untilMs: number | null): string {
  return later > 0 && untilMs !== null
    ? `, ${count(later)} of them later than ${formatInstant(untilMs)} and left out`
    : '';
}

/** A bar on a terminal; elsewhere a line at each tenth. */
function feedingProgress(events: number, terminal: Terminal): (progress: FeedProgress) => void {
  let told = 0;
  return ({ events: eventsSent, atMs }) => {
    const share = events === 0 ? 1 : Math.min(1, eventsSent / events);
    const done = Math.round(share * 20);
    const text = `feeding ${'█'.repeat(done)}${'░'.repeat(20 - done)} ${count(eventsSent)} of ${count(events)}, at ${formatInstant(atMs).slice(0, 10)}`;
    if (terminal.animated) return terminal.progress(text);
    const tenth = Math.floor(share * 10);
    if (tenth > told)
      terminal.note(`  … fed ${tenth * 10} % (${count(eventsSent)} events, at ${formatInstant(atMs).slice(0, 10)})`);
    told = Math.max(told, tenth);
  };
}

export function tellRowProblems(problems: readonly Problem[], terminal: Terminal): void {
  if (problems.length === 0) return;
  terminal.note(`✗ ${count(problems.length)} rows give no events and are left out:`);
  for (const problem of problems.slice(0, REJECTIONS_SHOWN)) terminal.note(`  ${problemText(problem)}`);
  if (problems.length > REJECTIONS_SHOWN) terminal.note(`  … and ${count(problems.length - REJECTIONS_SHOWN)} more`);
}

export function tellRejections(rejected: readonly Rejection[], terminal: Terminal): void {
  if (rejected.length === 0) return;
  terminal.note(`✗ intake refused ${count(rejected.length)} events:`);
  for (const { index, code, detail } of rejected.slice(0, REJECTIONS_SHOWN))
    terminal.note(`  line ${index} (from 0)  ${code}  ${detail}`);
  if (rejected.length > REJECTIONS_SHOWN) terminal.note(`  … and ${count(rejected.length - REJECTIONS_SHOWN)} more`);
}

function tell(report: ReplayReport, options: ReplayOptions, client: StackClient, terminal: Terminal): void {
  if (options.report) writeFileSync(options.report, `${JSON.stringify(report, null, 2)}\n`);
  if (options.json) return terminal.json(report);
  for (const line of reportLines(report, peaksOf(client.dataDir))) terminal.line(line);
}

function tellKept(client: StackClient, terminal: Terminal): void {
  terminal.note(`  the stack stays up, its clock standing still:`);
  for (const line of addresses(client.portBase)) terminal.note(line);
  terminal.note(`  stop it: ./makegood down --data-dir ${client.dataDir}`);
}
