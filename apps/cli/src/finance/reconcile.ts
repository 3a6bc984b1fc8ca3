import { readFile } from 'node:fs/promises';
import { formatMoney, ProblemError } from '#libs/kernel';
import type { StackClient } from '../stack/client.js';
import { findStack } from '../stack/client.js';
import type { StackSelector } from '../commands/options.js';
import type { Terminal } from '../terminal/terminal.js';
import { readStatement, type StatementEntry } from './statement.js';

export interface KnownLine {
  readonly lineId: string;
  readonly state: string;
  readonly amount?: { readonly amountMinor: number; readonly currency: string };
  readonly paidMinor?: number;
  readonly subject: string;
}

export type Difference =
  | {
      readonly kind: 'unknown-reference' | 'wrong-amount' | 'not-settled' | 'twice';
      readonly entry: StatementEntry;
      readonly line: KnownLine | null;
    }
  | { readonly kind: 'not-on-statement'; readonly entry: null; readonly line: KnownLine };

export interface Reconciliation {
  /** Entries that agree with their line in every respect. */
  readonly agreed: number;
  readonly differences: readonly Difference[];
}

/**
 * Compares what a bank says with what the lines say.
 * @param expected lines of the exports that the statement is about, which it should name
 */
export function reconcile(
  entries: readonly StatementEntry[],
  lines: ReadonlyMap<string, KnownLine>,
  expected: readonly KnownLine[],
): Reconciliation {
  const differences: Difference[] = [];
  const seen = new Set<string>();
  let agreed = 0;
  for (const entry of entries) {
    const line = lines.get(lineIdOf(entry.reference)) ?? null;
    const kind = differenceOf(entry, line, seen);
    if (line) seen.add(line.lineId);
    if (kind === null) agreed++;
    else differences.push({ kind, entry, line });
  }
  for (const line of expected) {
    if (!seen.has(line.lineId)) differences.push({ kind: 'not-on-statement', entry: null, line });
  }
  return { agreed, differences };
}

function differenceOf(entry: StatementEntry, line: KnownLine | null, seen: ReadonlySet<string>) {
  if (!line?.amount) return 'unknown-reference' as const;
  if (seen.has(line.lineId)) return 'twice' as const;
  const { amountMinor, currency } = line.amount;
  if (amountMinor !== entry.amountMinor || currency !== entry.currency) return 'wrong-amount' as const;
  return line.paidMinor === amountMinor ? null : ('not-settled' as const);
}

/** An EndToEndId is the line's id without hyphens. */
export function lineIdOf(reference: string): string {
  const hex = reference.replaceAll('-', '').toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(hex)) return reference;
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

const WORDS: Readonly<Record<Difference['kind'], string>> = {
  'unknown-reference': 'unknown reference: no line of ours',
  'wrong-amount': 'wrong amount',
  'not-settled': 'paid by the bank, not confirmed here',
  twice: 'paid a second time',
  'not-on-statement': 'exported, not on the statement',
};

/** `export reconcile FILE`: exit code 1 when anything differs. */
export async function reconcileFile(
  file: string,
  options: StackSelector & { readonly json?: boolean; readonly confirm?: boolean },
  terminal: Terminal,
): Promise<number> {
  const entries = await readStatement(await readFile(file, 'utf8'));
  const client = findStack(options);
  const lines = await linesOf(client, entries);
  const result = reconcile(entries, lines, await expectedLines(client, lines));
  if (options.confirm) await confirm(client, result.differences, terminal);
  if (options.json) terminal.json(result);
  else tell(result, entries.length, terminal);
  return result.differences.length === 0 ? 0 : 1;
}

async function linesOf(client: StackClient, entries: readonly StatementEntry[]): Promise<Map<string, KnownLine>> {
  const lines = new Map<string, KnownLine>();
  for (const lineId of new Set(entries.map(({ reference }) => lineIdOf(reference)))) {
    try {
      const path = `/compensations/${encodeURIComponent(lineId)}`;
      const found = await client.get<{ lines: KnownLine[]; subject: string }>('compensation', path);
      const line = found.lines.find((one) => one.lineId === lineId);
      if (line) lines.set(lineId, line);
    } catch (error) {
      if (!(error instanceof ProblemError) || error.problem.code !== 'COMPENSATION_UNKNOWN') throw error;
    }
  }
  return lines;
}

/** Every line of an export of which the statement names one. */
async function expectedLines(client: StackClient, lines: ReadonlyMap<string, KnownLine>): Promise<KnownLine[]> {
  const { items } = await client.get<{ items: { number: number; kind: string }[] }>('compensation', '/exports');
  const expected: KnownLine[] = [];
  for (const { number } of items.filter(({ kind }) => kind === 'payments')) {
    const one = await client.get<{ lines: ExportLine[] }>('compensation', `/exports/${number}`);
    const handed = one.lines.filter(({ isHanded, state }) => isHanded && state !== 'cancelled');
    if (!handed.some(({ lineId }) => lines.has(lineId))) continue;
    expected.push(...handed.map((line) => lines.get(line.lineId) ?? knownLine(line)));
  }
  return expected;
}

interface ExportLine {
  readonly lineId: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly isHanded: boolean;
  readonly state: string;
}

function knownLine({ lineId, state, amountMinor, currency }: ExportLine): KnownLine {
  return { lineId, state, subject: '', amount: { amountMinor, currency } };
}

async function confirm(client: StackClient, differences: readonly Difference[], terminal: Terminal): Promise<void> {
  for (const { kind, entry, line } of differences) {
    if (kind !== 'not-settled' || !line || !entry) continue;
    await client.post('compensation', '/settlements', {
      lineId: line.lineId,
      status: 'paid',
      reference: entry.bankReference ?? entry.reference,
      ...(entry.bookedOn === null ? {} : { paidAt: `${entry.bookedOn}T12:00:00Z` }),
    });
    terminal.note(`  ✓ confirmed ${line.lineId}`);
  }
}

function tell({ agreed, differences }: Reconciliation, total: number, terminal: Terminal): void {
  terminal.line(
    `${differences.length === 0 ? '✓' : '!'} ${agreed} of ${total} entries agree, ${differences.length} differences`,
  );
  for (const { kind, entry, line } of differences) {
    const bank = entry === null ? null : formatMoney(entry);
    const ours = line?.amount ? formatMoney(line.amount) : null;
    const amounts = [bank === null ? null : `bank ${bank}`, ours === null ? null : `line ${ours}`].filter(
      (one) => one !== null,
    );
    terminal.line(`  ${WORDS[kind]}: ${entry?.reference ?? line?.lineId}  ${amounts.join(', ')}`);
  }
}
