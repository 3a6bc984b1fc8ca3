import { parse } from 'csv-parse/sync';
import { currencyExponent, ProblemError } from '#libs/kernel';

/** One payment that a bank says it made. */
export interface StatementEntry {
  /** The EndToEndId of the payment, or the line's id. */
  readonly reference: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** The bank's own number of it. */
  readonly bankReference: string | null;
  /** `YYYY-MM-DD`, or null. */
  readonly bookedOn: string | null;
}

type Node = Readonly<Record<string, unknown>>;

/** Reads a camt.053 statement, or a CSV with the columns reference, amount, currency and, if need be, bankReference, date. */
export async function readStatement(text: string): Promise<StatementEntry[]> {
  return text.trimStart().startsWith('<') ? readCamt053(text) : readCsv(text);
}

function readCsv(text: string): StatementEntry[] {
  const rows = parse(text, { columns: true, bom: true, trim: true, skip_empty_lines: true }) as Record<
    string,
    string
  >[];
  return rows.map((row, index) => {
    const { reference, amount, currency, bankReference, date } = row;
    if (!reference || !amount || !currency) throw invalid(`row ${index + 2}: reference, amount and currency expected`);
    const amountMinor = minorOf(amount, currency, `row ${index + 2}`);
    return { reference, amountMinor, currency, bankReference: bankReference || null, bookedOn: date || null };
  });
}

async function readCamt053(text: string): Promise<StatementEntry[]> {
  const { XMLParser } = await import('fast-xml-parser');
  const parser = new XMLParser({
    ignoreAttributes: false,
    parseTagValue: false,
    parseAttributeValue: false,
    removeNSPrefix: true,
    isArray: (name) => ['Stmt', 'Ntry', 'NtryDtls', 'TxDtls'].includes(name),
  });
  const document = (parser.parse(text) as { Document?: Node }).Document;
  const statements = child(document, 'BkToCstmrStmt')?.['Stmt'];
  if (!Array.isArray(statements)) throw invalid('a camt.053 with BkToCstmrStmt/Stmt expected');
  return (statements as Node[]).flatMap((statement) => list(statement['Ntry']).flatMap(entriesOf));
}

function entriesOf(entry: Node): StatementEntry[] {
  if (entry['CdtDbtInd'] !== 'DBIT') return []; // what came in is no payment of ours
  const bookedOn = text(child(entry, 'BookgDt')?.['Dt']);
  const bankReference = text(entry['AcctSvcrRef']);
  const details = list(entry['NtryDtls']).flatMap((detail) => list(detail['TxDtls']));
  const transactions = details.length > 0 ? details : [{}];
  return transactions.map((transaction) => {
    const refs = child(transaction, 'Refs');
    const amount = transaction['Amt'] ?? child(child(transaction, 'AmtDtls'), 'TxAmt')?.['Amt'] ?? entry['Amt'];
    const currency = String((amount as Node | undefined)?.['@_Ccy'] ?? '');
    const value = String((amount as Node | undefined)?.['#text'] ?? amount ?? '');
    const reference = text(refs?.['EndToEndId']) ?? text(entry['NtryRef']) ?? bankReference ?? 'NOTPROVIDED';
    return {
      reference,
      amountMinor: minorOf(value, currency, `entry ${reference}`),
      currency,
      bankReference: text(refs?.['AcctSvcrRef']) ?? bankReference,
      bookedOn,
    };
  });
}

/** Exact, by the currency's exponent. @throws ProblemError for what is no amount of it. */
function minorOf(amount: string, currency: string, where: string): number {
  const digits = currencyExponent(currency);
  const match = /^(\d{1,15})(?:[.,](\d+))?$/.exec(amount.trim());
  const fraction = (match?.[2] ?? '').replace(/0+$/, '');
  if (!match || !/^[A-Z]{3}$/.test(currency) || fraction.length > digits) {
    throw invalid(
      `${where}: an amount with at most ${digits} decimals of ${currency || '(no currency)'} expected, found ${amount}`,
    );
  }
  return Number(`${match[1]}${fraction.padEnd(digits, '0')}`);
}

function child(node: unknown, name: string): Node | undefined {
  const found = (node as Node | undefined)?.[name];
  return typeof found === 'object' && found !== null ? (found as Node) : undefined;
}

function list(value: unknown): Node[] {
  return Array.isArray(value) ? (value as Node[]) : [];
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function invalid(detail: string): ProblemError {
  return new ProblemError({ code: 'STATEMENT_INVALID', detail, advice: 'docs/finance.md shows both forms' });
}
