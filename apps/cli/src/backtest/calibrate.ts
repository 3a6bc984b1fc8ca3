import type { PromiseEventData, PromiseType } from '#libs/contracts';
import { describeDuration, parseInstant } from '#libs/kernel';
import {
  advisePromise,
  historyNeeded,
  overpromiseReport,
  promiseCost,
  spokenStepMs,
  type OverpromiseReport,
  type PromiseBasis,
  type PromiseCost,
  type PromiseOutcome,
} from '#libs/loyalty-model';
import { loadSignals } from '#libs/signals';
import { UsageError } from '../errors.js';
import { count, table } from '../terminal/layout.js';
import type { Terminal } from '../terminal/terminal.js';
import { guaranteeOf, pastOf, type HistoryOptions } from './backtest.js';
import { judgeHistory, type PastPromise } from './judge-history.js';

/** What one key could honestly be promised. Durations in milliseconds from the opening, all hours counted. */
export interface HonestPromise {
  readonly key: string;
  /** Promises that were completed, in time or late. */
  readonly completed: number;
  /** Missed and not completed by the end of the history: too long to know how long. */
  readonly neverCompleted: number;
  readonly report: OverpromiseReport;
  /** The shortest term that would have been kept with the wanted reliability; null: too little is known. */
  readonly honestMs: number | null;
  /** `endless`: more were never completed than may be missed. */
  readonly basis: PromiseBasis | 'endless';
}

interface Collected {
  readonly completed: PromiseOutcome[];
  readonly never: PromiseOutcome[];
}

const KEYS_SHOWN = 40;
const SHARES = [0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99] as const;

/** `guarantee calibrate FILE --history FILE`: which term can be promised so that it is kept often enough. */
export async function calibrate(
  file: string,
  options: HistoryOptions & { readonly reliability: string; readonly by?: string },
  terminal: Terminal,
): Promise<void> {
  const reliability = Number(options.reliability);
  if (!(reliability >= 0.5 && reliability <= 0.999)) {
    const detail = `--reliability as a share from 0.5 to 0.999 → ${options.reliability}`;
    throw new UsageError({ code: 'OPTION_INVALID', detail });
  }
  const guarantee = await guaranteeOf(file);
  const { items, untilMs } = await pastOf(options, terminal);
  const { promises } = judgeHistory(items, { guarantee, untilMs, allClaim: false });
  const keys = honestPromises(promises, options.by ?? null, reliability);
  const costs = costsOf(promises, guarantee.promiseType);
  if (options.json) return terminal.json({ guarantee: guarantee.name, reliability, keys, costs });
  for (const line of linesOf(keys, options.by ?? 'all', reliability)) terminal.line(line);
  for (const line of costLinesOf(costs)) terminal.line(line);
}

/** @param by `owner`, `group`, or the name of a fact of the guarantee; null: all promises together */
export function honestPromises(past: readonly PastPromise[], by: string | null, reliability: number): HonestPromise[] {
  const all = collect(past, () => 'all').get('all') ?? { completed: [], never: [] };
  const parent = advise(all, reliability, null);
  const collected = by === null ? new Map([['all', all]]) : collect(past, (data) => keyOf(data, by));
  return [...collected]
    .flatMap(([key, each]) => {
      const { completed, never } = each;
      const report = overpromiseReport([...completed, ...never], reliability);
      if (report === null) return [];
      const { honestMs, basis } = by === null ? parent : advise(each, reliability, parent.honestMs);
      return { key, completed: completed.length, neverCompleted: never.length, report, honestMs, basis };
    })
    .sort((a, b) => b.report.count - a.report.count || (a.key < b.key ? -1 : 1));
}

/** Terms that would have been kept so often, in spoken steps, and what each costs in loyalty. */
export function costsOf(past: readonly PastPromise[], kind: PromiseType): PromiseCost[] {
  const { completed, never } = collect(past, () => 'all').get('all') ?? { completed: [], never: [] };
  const durations = [...completed.map(({ actual }) => actual), ...never.map(() => Infinity)];
  const spokenUnit = spokenStepMs(completed.map(({ actual }) => actual));
  const terms = SHARES.map((share) => advisePromise({ durations, reliability: share, spokenUnit }));
  const finite = terms.flatMap(({ exact, promise }) => (promise === null || exact === Infinity ? [] : [promise]));
  const tolerance = loadSignals(null).settings.toleranceMs[kind];
  return [...new Set(finite)].map((term) => promiseCost(durations, term, { tolerance, kind }));
}

function collect(past: readonly PastPromise[], keyOf: (data: PromiseEventData) => string): Map<string, Collected> {
  const collected = new Map<string, Collected>();
  for (const { data } of past) {
    if (data.verdict !== 'kept' && data.verdict !== 'breached') continue;
    const [openedMs, dueMs] = [msOf(data.openedAt), msOf(data.firstDueAt ?? data.dueAt)];
    if (dueMs <= openedMs) continue;
    const key = keyOf(data);
    const each = collected.get(key) ?? { completed: [], never: [] };
    collected.set(key, each);
    const endMs = msOf(data.completedAt ?? data.decidedAt);
    const outcome = { promised: dueMs - openedMs, actual: Math.max(0, endMs - openedMs) };
    (data.completedAt === undefined ? each.never : each.completed).push(outcome);
  }
  return collected;
}

const msOf = (text: string): number => parseInstant(text) ?? 0;

/** Those that were never done count as longer than any that were. */
function advise(
  { completed, never }: Collected,
  reliability: number,
  fallback: number | null,
): Pick<HonestPromise, 'honestMs' | 'basis'> {
  const durations = completed.map(({ actual }) => actual);
  const all = [...durations, ...never.map(() => Infinity)];
  const { exact, promise, basis } = advisePromise({
    durations: all,
    reliability,
    spokenUnit: spokenStepMs(durations),
    fallback,
  });
  return exact === Infinity ? { honestMs: null, basis: 'endless' } : { honestMs: promise, basis };
}

const BASIS_TEXT: Readonly<Record<HonestPromise['basis'], string>> = {
  own: '',
  parent: 'as all',
  insufficient: 'too little is known',
  endless: 'too many never done',
};

function keyOf(data: PromiseEventData, by: string): string {
  const value = by === 'owner' ? data.owner : by === 'group' ? data.group : data.facts[by];
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '–';
}

function costLinesOf(costs: readonly PromiseCost[]): string[] {
  if (costs.length === 0) return [];
  const rows = costs.map(({ promised, keptRate, pointsLost }) => [
    describeDuration(promised),
    (100 * keptRate).toFixed(1),
    pointsLost.toFixed(2),
  ]);
  return [
    '',
    ...table(['term', 'kept %', 'points lost each'], rows),
    '',
    'Points: what the score of a new customer loses by such a promise in the mean, nothing made good, nobody warned.',
    'Set them beside what a shorter term wins you.',
  ];
}

function linesOf(keys: readonly HonestPromise[], by: string, reliability: number): string[] {
  if (keys.length === 0) return ['no promise of this history was completed: nothing can be learned from it'];
  const rows = keys
    .slice(0, KEYS_SHOWN)
    .map(({ key, report, honestMs, basis }) => [
      key,
      count(report.count),
      `${(100 * report.keptRate).toFixed(1)}`,
      report.verdict === 'calibrated_or_unknown' ? 'about right' : report.verdict,
      honestMs === null ? '–' : describeDuration(honestMs),
      BASIS_TEXT[basis],
    ]);
  const percent = `${Number((100 * reliability).toFixed(1))} %`;
  return [
    ...table([by, 'promises', 'kept %', `for ${percent}`, 'honest term', ''], rows),
    ...(keys.length > KEYS_SHOWN ? [`… and ${count(keys.length - KEYS_SHOWN)} more`] : []),
    '',
    `The honest term is the shortest from the opening that is kept with ${percent} while the future is like this past`,
    `(split conformal; at least ${count(historyNeeded(reliability))} promises a key). Those never completed count as endless.`,
  ];
}
