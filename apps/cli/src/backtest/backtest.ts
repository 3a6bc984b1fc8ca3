import type { Guarantee } from '#libs/guarantees';
import { formatMoney, ProblemError, type InstantMs } from '#libs/kernel';
import { problemText } from '../errors.js';
import { guaranteeIn } from '../judging/guarantee-in.js';
import { inTimeOrder, type FeedItem } from '../replay/feed-order.js';
import { readHistory } from '../replay/history-file.js';
import { parseUntil, tellRowProblems } from '../replay/replay.js';
import { netOf } from '../replay/report-text.js';
import { count, table } from '../terminal/layout.js';
import type { Terminal } from '../terminal/terminal.js';
import { judgeHistory, type JudgedHistory } from './judge-history.js';
import { tally, type MonthTotal, type Tally } from './tally.js';

export interface HistoryOptions {
  readonly history: string;
  readonly map?: string;
  readonly until?: string;
  readonly json?: boolean;
}

const PROBLEMS_SHOWN = 3;

/** `guarantee backtest FILE --history FILE`: what it would have kept, missed and cost, had it been in force. */
export async function backtest(
  file: string,
  options: HistoryOptions & { readonly claims?: 'all' | 'none' },
  terminal: Terminal,
): Promise<void> {
  const guarantee = await guaranteeOf(file);
  const { items, untilMs } = await pastOf(options, terminal);
  const judged = judgeHistory(items, { guarantee, untilMs, allClaim: options.claims === 'all' });
  const totals = tally(judged.promises);
  const { name, version } = guarantee;
  if (options.json)
    return terminal.json({
      guarantee: name,
      version,
      events: items.length,
      ...totals,
      problems: judged.problems.length,
    });
  tellProblems(judged, terminal);
  for (const line of linesOf(guarantee, totals, options.claims === 'all')) terminal.line(line);
}

export async function guaranteeOf(file: string): Promise<Guarantee> {
  const found = await guaranteeIn(file);
  if (found !== null) return found.guarantee;
  throw new ProblemError({
    code: 'GUARANTEE_UNKNOWN',
    detail: `a guarantee in ${file} → none`,
    advice: 'name a guarantee file, e.g. guarantees/order-delivery.yaml',
  });
}

/** The events of a history in the order in which they were learned. */
export async function pastOf(
  options: HistoryOptions,
  terminal: Terminal,
): Promise<{ readonly items: readonly FeedItem[]; readonly untilMs: InstantMs | null }> {
  const untilMs = parseUntil(options.until);
  const { history, map = null } = options;
  const { items, problems } = await terminal.busy(`reading ${history}`, () => readHistory(history, map));
  tellRowProblems(problems, terminal);
  return { items: inTimeOrder(items), untilMs };
}

function tellProblems({ problems }: JudgedHistory, terminal: Terminal): void {
  for (const problem of problems.slice(0, PROBLEMS_SHOWN))
    terminal.note(`${terminal.paint('red', '✗')} ${problemText(problem)}`);
  if (problems.length > PROBLEMS_SHOWN) terminal.note(`  … and ${count(problems.length - PROBLEMS_SHOWN)} more`);
}

function linesOf(guarantee: Guarantee, totals: Tally, allClaim: boolean): string[] {
  const { promises, compensations, months, reasons } = totals;
  const costs = compensations.map((each) => [each.kind, count(each.count), netOf(each)]);
  const nothing = Object.entries(reasons).filter(([code]) => code !== 'compensated');
  return [
    `${guarantee.name} v${guarantee.version} (${guarantee.file}), as if in force from the first event`,
    '',
    ...table(
      ['opened', 'kept', 'missed', 'late', 'excused', 'cancelled', 'open'],
      [
        [
          promises.opened,
          promises.kept,
          promises.breached,
          promises.completedLate,
          promises.excused,
          promises.cancelled,
          promises.open,
        ].map(count),
      ],
    ),
    '',
    ...(costs.length > 0 ? table(['would cost', 'lines', 'net'], costs) : ['it would have cost nothing']),
    ...nothing.map(([code, n]) => `${count(n)} missed without a line: ${code.replaceAll('_', ' ')}`),
    ...(guarantee.remedyTerms.claim === null
      ? []
      : [`claims: ${allClaim ? 'everybody claims' : 'nobody claims (--claims all)'}`]),
    '',
    ...table(['month', 'opened', 'missed', 'missed %', 'cost'], months.map(monthRow)),
  ];
}

function monthRow({ month, opened, breached, amountMinor }: MonthTotal): string[] {
  const money = Object.entries(amountMinor).map(([currency, minor]) => formatMoney({ amountMinor: minor, currency }));
  const share = opened === 0 ? '–' : ((100 * breached) / opened).toFixed(1);
  return [month, count(opened), count(breached), share, money.join(' + ') || '–'];
}
