import { dirname, relative, resolve } from 'node:path';
import { compileGuarantees, type Guarantee } from '#libs/guarantees';
import { hostSources } from '#libs/holidays';
import { formatMoney, parseInstant, POINTS_CURRENCY, ProblemError, type InstantMs, type Problem } from '#libs/kernel';
import { problemText, UsageError } from '../errors.js';
import { inTimeOrder, type FeedItem } from '../replay/feed-order.js';
import { readHistory } from '../replay/history-file.js';
import { checkedGuaranteeSet } from '../stack/guarantee-set.js';
import { PROJECT_ROOT } from '../stack/project.js';
import { count, table } from '../terminal/layout.js';
import type { Terminal } from '../terminal/terminal.js';
import { judgeHistory, type JudgedHistory } from './judge-history.js';
import { tally, type CostTotal, type MonthTotal, type Tally } from './tally.js';

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

/** Compiled with the calendars and tables beside it. */
export async function guaranteeOf(file: string): Promise<Guarantee> {
  const { guarantees } = compileGuarantees(await checkedGuaranteeSet(dirname(file)), await hostSources());
  const inside = relative(PROJECT_ROOT, resolve(file));
  const guarantee = guarantees?.find((each) => each.file === inside || each.file === file);
  if (guarantee !== undefined) return guarantee;
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
  const untilMs = options.until === undefined ? null : parseInstant(options.until);
  if (options.until !== undefined && untilMs === null)
    throw new UsageError({ code: 'OPTION_INVALID', detail: `--until as an instant with an offset → ${options.until}` });
  const read = (): Promise<{ items: FeedItem[]; problems: Problem[] }> =>
    readHistory(options.history, options.map ?? null);
  const { items, problems } = await terminal.busy(`reading ${options.history}`, read);
  tellProblems({ problems }, terminal);
  return { items: inTimeOrder(items), untilMs };
}

function tellProblems({ problems }: Pick<JudgedHistory, 'problems'>, terminal: Terminal): void {
  for (const problem of problems.slice(0, PROBLEMS_SHOWN))
    terminal.note(`${terminal.paint('red', '✗')} ${problemText(problem)}`);
  if (problems.length > PROBLEMS_SHOWN) terminal.note(`  … and ${count(problems.length - PROBLEMS_SHOWN)} more`);
}

function linesOf(guarantee: Guarantee, totals: Tally, allClaim: boolean): string[] {
  const { promises, compensations, months, reasons } = totals;
  const costs = compensations.map((each) => [each.kind, count(each.count), costOf(each)]);
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

function costOf({ currency, amountMinor }: CostTotal): string {
  if (currency === null) return '–';
  return currency === POINTS_CURRENCY ? `${count(amountMinor)} pts` : formatMoney({ amountMinor, currency });
}
