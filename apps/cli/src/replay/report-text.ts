import { formatMoney, POINTS_CURRENCY } from '#libs/kernel';
import { count, seconds, table } from '../terminal/layout.js';
import type { CompensationTotal, ReplayReport } from './report.js';

/** The report as people read it, in 80 columns. */
export function reportLines(report: ReplayReport, peaksMiB: Readonly<Record<string, number>>): string[] {
  const promises = Object.entries(report.promises).map(([guarantee, of]) => [
    guarantee,
    ...[of.opened, of.kept, of.breached, of.completedLate, of.excused, of.cancelled, of.open, of.retracted].map(count),
  ]);
  const money = report.compensations.map((c) => [c.guarantee, c.kind, count(c.count), netOf(c)]);
  const memory = Object.entries(peaksMiB).map(([name, mib]) => `${name} ${mib}`);
  return [
    ...table(['promises', 'opened', 'kept', 'missed', 'late', 'excused', 'cancelled', 'open', 'retr.'], promises),
    '',
    ...(money.length > 0 ? table(['made good', 'as', 'lines', 'net'], money) : ['nothing to make good']),
    '',
    `${report.ledger.balanced ? '✓ ledger balanced' : '✗ LEDGER NOT BALANCED'} (${count(report.ledger.entries)} entries)  ` +
      `${report.deadLetters === 0 ? '✓ no dead letters' : `✗ ${count(report.deadLetters)} dead letters`}`,
    `${count(report.events)} events in ${seconds(report.elapsedMs)}` +
      (report.elapsedMs > 0 ? ` (${count(Math.round((report.events * 1_000) / report.elapsedMs))}/s)` : ''),
    ...(memory.length > 0 ? [`peak memory, MiB: ${memory.join(', ')}`] : []),
  ];
}

/** Money, points, or nothing for words. */
export function netOf({ currency, amountMinor }: Pick<CompensationTotal, 'currency' | 'amountMinor'>): string {
  if (currency === null) return '–';
  return currency === POINTS_CURRENCY ? `${count(amountMinor)} pts` : formatMoney({ amountMinor, currency });
}
