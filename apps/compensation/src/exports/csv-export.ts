import { currencyExponent, formatInstant } from '#libs/kernel';
import { amountText } from './money-text.js';
import type { Payee } from './payee.js';

/** One line of money on its way out. */
export interface ExportedLine {
  readonly lineId: string;
  readonly kind: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly route: string;
  readonly beneficiary: string;
  readonly payee: Payee | null;
  readonly guarantee: string;
  readonly subject: string;
  readonly refs: Readonly<Record<string, string>>;
  readonly issuedAtMs: number;
  readonly payBy: string | null;
}

const HEADER = [
  'lineId',
  'kind',
  'amount',
  'currency',
  'amountMinor',
  'exponent',
  'route',
  'beneficiary',
  'payeeMethod',
  'payeeReference',
  'guarantee',
  'subject',
  'refs',
  'issuedAt',
  'payBy',
];

/** RFC 4180, UTF-8, one line a row; the same lines give the same bytes. */
export function csvOf(lines: readonly ExportedLine[]): string {
  const rows = lines.map((line) => [
    line.lineId,
    line.kind,
    amountText(line.amountMinor, line.currency),
    line.currency,
    String(line.amountMinor),
    String(currencyExponent(line.currency)),
    line.route,
    line.beneficiary,
    line.payee?.method ?? '',
    line.payee?.reference ?? '',
    line.guarantee,
    line.subject,
    refsText(line.refs),
    formatInstant(line.issuedAtMs),
    line.payBy ?? '',
  ]);
  return [HEADER, ...rows].map((cells) => `${cells.map(cell).join(',')}\r\n`).join('');
}

export function refsText(refs: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(refs).sort(([a], [b]) => (a < b ? -1 : 1));
  return pairs.map(([name, value]) => `${name}=${value}`).join(' ');
}

/** What a spreadsheet would take for a formula is made text. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
