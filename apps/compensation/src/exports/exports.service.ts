import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { TOPICS } from '#libs/contracts';
import { compensationIdOf, derivedIdOf, formatInstant, type Clock } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { CLOCK, DATABASE, HttpProblem, type Caller } from '#libs/service';
import { MoneyCommands, type MoneyCommand } from '../commands/money-commands.js';
import { EXPORT_DEBTOR } from '../config.js';
import { EXPORT_REFERENCE } from '../entitlement/apply-settlement.js';
import type { LineDetails } from '../entitlement/line.js';
import { csvOf, type ExportedLine } from './csv-export.js';
import type { ExportMark } from './export-mark.js';
import { isPayable, pain001Of, type Debtor } from './pain001.js';
import { readPayee } from './payee.js';
import { FIND_EXPORT, KEEP_BYTES, LINES_BY_ID, LINES_OF_EXPORT, PENDING_LINES, TAKE_NUMBER } from './sql.js';

export interface ExportRequest {
  readonly format: 'csv' | 'pain.001';
  readonly route?: string | undefined;
  readonly currency?: string | undefined;
  readonly executeOn?: string | undefined;
}

export interface ExportRow {
  readonly number: number;
  readonly kind: 'payments' | 'withdrawal';
  readonly format: 'csv' | 'pain.001';
  readonly route: string;
  readonly madeAtMs: number;
  readonly madeBy: string;
  readonly lineCount: number;
  readonly of: number | null;
  readonly executeOn: string | null;
  readonly reason: string | null;
  readonly hash: string | null;
  readonly bytes: Buffer | null;
  /** Lines whose hand-over has come through the log. */
  readonly appliedCount: number;
}

export interface ExportLineRow {
  readonly lineId: string;
  readonly position: number;
  readonly amountMinor: number;
  readonly currency: string;
  readonly isHanded: boolean;
  readonly state: string;
}

interface PendingRow {
  readonly lineId: string;
  readonly promiseId: string;
  readonly kind: string;
  readonly currency: string;
  readonly route: string;
  readonly beneficiary: string;
  readonly lineSequence: number;
  readonly issuedAtMs: number;
  readonly details: string;
  readonly guarantee: string;
  readonly subject: string;
  readonly refs: string;
  readonly payee: string | null;
  readonly openMinor: number;
}

export const LINES_PER_EXPORT_MAX = 10_000;

/**
 * Exports are made through the log: each line is handed over by a settlement `accepted` that names the export, so a
 * restored database learns again which line left by which export, and two exports at once cannot have the same line.
 */
@Injectable()
export class Exports {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(MoneyCommands) private readonly commands: MoneyCommands,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(EXPORT_DEBTOR) private readonly debtor: Debtor | null,
  ) {}

  async pending({ route, currency }: Pick<ExportRequest, 'route' | 'currency'>): Promise<ExportedLine[]> {
    const rows = await this.pendingRows(route, currency);
    return rows.map((row) => exportedLine(row, row.openMinor));
  }

  /** @returns the number of the export, once every line's hand-over is in the log. */
  async make(request: ExportRequest, caller: Caller): Promise<number> {
    const rows = await this.pendingRows(request.route, request.currency);
    const isFile = request.format === 'pain.001';
    if (isFile) this.knownDebtor();
    const payable = isFile ? rows.filter((row) => isPayable(exportedLine(row, 0).payee)) : rows;
    await this.setAside(
      rows.filter((row) => !payable.includes(row)),
      caller,
    );
    if (payable.length === 0) {
      const detail = `no line waits for an export${isFile ? ' and has a payee with a name' : ''}`;
      const advice = 'GET /exports/pending.csv shows what waits; the route of a guarantee says what goes by export';
      throw new HttpProblem(409, { code: 'EXPORT_EMPTY', detail, advice });
    }
    const number = await this.takeNumber();
    const madeAtMs = this.clock.nowMs();
    const routes = [...new Set(payable.map(({ route }) => route))];
    const mark = {
      number,
      kind: 'payments' as const,
      format: request.format,
      route: routes.length === 1 ? (routes[0] as string) : 'export:*',
      madeAtMs,
      by: caller.keyId,
      count: payable.length,
      executeOn: request.executeOn ?? formatInstant(madeAtMs).slice(0, 10),
    };
    await this.commands.send(
      ...payable.map((row, position) => handOver('accepted', row, number, { ...mark, position }, caller)),
    );
    return number;
  }

  /** Takes back what of an export is not paid yet: a new artefact lists it, and what is owed gets new lines. */
  async withdraw(of: ExportRow, reason: string, lineIds: readonly string[] | null, caller: Caller): Promise<number> {
    const lines = await this.linesOf(of.number);
    const open = lines.filter(
      ({ lineId, isHanded, state }) =>
        isHanded && ['accepted', 'failed', 'recall-requested'].includes(state) && (lineIds?.includes(lineId) ?? true),
    );
    if (open.length === 0 || of.kind === 'withdrawal') {
      throw new HttpProblem(409, { code: 'EXPORT_EMPTY', detail: `export ${of.number} has no line to take back` });
    }
    const rows = await this.database.query<PendingRow>(LINES_BY_ID, [open.map(({ lineId }) => lineId)]);
    const byId = new Map(rows.map((row) => [row.lineId, row]));
    const number = await this.takeNumber();
    const mark = {
      route: of.route,
      number,
      kind: 'withdrawal' as const,
      format: 'csv' as const,
      madeAtMs: this.clock.nowMs(),
      by: caller.keyId,
      count: open.length,
      of: of.number,
      reason,
    };
    await this.commands.send(
      ...open.map(({ lineId }, position) =>
        handOver('stopped', byId.get(lineId) as PendingRow, of.number, { ...mark, position }, caller),
      ),
    );
    return number;
  }

  async find(number: number): Promise<ExportRow | null> {
    const [row] = await this.database.query<ExportRow>(FIND_EXPORT, [number]);
    return row ?? null;
  }

  linesOf(number: number): Promise<ExportLineRow[]> {
    return this.database.query<ExportLineRow>(LINES_OF_EXPORT, [number]);
  }

  /** Waits until the log has told every line of it; null: not within 5 s. */
  untilWhole(number: number): Promise<ExportRow | null> {
    return this.commands.untilKnown(async () => {
      const row = await this.find(number);
      return row !== null && row.appliedCount >= row.lineCount ? row : null;
    });
  }

  /** The file, the same bytes each time. @throws HttpProblem 409 while lines are still on their way through the log. */
  async file(number: number): Promise<{ row: ExportRow; bytes: Buffer; hash: string }> {
    const row = await this.find(number);
    if (!row) throw exportUnknown(number);
    if (row.bytes !== null && row.hash !== null) return { row, bytes: row.bytes, hash: row.hash };
    if (row.appliedCount < row.lineCount) {
      const detail = `export ${number}: ${row.appliedCount} of ${row.lineCount} lines are handed over so far`;
      throw new HttpProblem(409, { code: 'EXPORT_NOT_READY', detail, advice: 'ask again in a moment' });
    }
    const bytes = Buffer.from(await this.render(row), 'utf8');
    await this.database.query(KEEP_BYTES, [number, bytes, createHash('sha256').update(bytes).digest('hex')]);
    const kept = (await this.find(number)) as ExportRow;
    return { row: kept, bytes: kept.bytes as Buffer, hash: kept.hash as string };
  }

  private async render(row: ExportRow): Promise<string> {
    const handed = (await this.linesOf(row.number)).filter(({ isHanded }) => isHanded);
    const rows = await this.database.query<PendingRow>(LINES_BY_ID, [handed.map(({ lineId }) => lineId)]);
    const byId = new Map(rows.map((one) => [one.lineId, one]));
    const lines = handed.map(({ lineId, amountMinor }) => exportedLine(byId.get(lineId) as PendingRow, amountMinor));
    if (row.format === 'csv') return csvOf(lines);
    const executeOn = row.executeOn ?? formatInstant(row.madeAtMs).slice(0, 10);
    return pain001Of({ number: row.number, madeAtMs: row.madeAtMs, executeOn, debtor: this.knownDebtor(), lines });
  }

  private pendingRows(route: string | undefined, currency: string | undefined): Promise<PendingRow[]> {
    return this.database.query<PendingRow>(PENDING_LINES, [route ?? null, currency ?? null, LINES_PER_EXPORT_MAX]);
  }

  /** No way to pay: out of all routes until somebody says how. */
  private async setAside(rows: readonly PendingRow[], caller: Caller): Promise<void> {
    if (rows.length === 0) return;
    await this.commands.send(
      ...rows.map((row) => {
        // A reference for each time: taken up since and without a payee again, it is set aside again.
        const reference = `no-payee:${row.lineSequence}`;
        const id = derivedIdOf(row.lineId, reference);
        return {
          ...envelope('failed', row, id, caller),
          data: { lineId: row.lineId, reference, reason: 'no-payee' },
        };
      }),
    );
  }

  private async takeNumber(): Promise<number> {
    const [row] = await this.database.query<{ number: number }>(TAKE_NUMBER);
    return (row as { number: number }).number;
  }

  private knownDebtor(): Debtor {
    if (this.debtor) return this.debtor;
    const detail = 'a pain.001 needs the account that is paid from, and none is configured';
    const advice = 'set MAKEGOOD_DEBTOR to {"name", "iban", "bic", "address"} (docs/finance.md)';
    throw new HttpProblem(409, { code: 'EXPORT_DEBTOR_UNKNOWN', detail, advice });
  }
}

export function exportUnknown(number: number): HttpProblem {
  const advice = 'GET /exports lists them';
  return new HttpProblem(404, { code: 'EXPORT_UNKNOWN', detail: `there is no export ${number}`, advice });
}

function handOver(
  status: 'accepted' | 'stopped',
  row: PendingRow,
  exportNumber: number,
  mark: ExportMark,
  caller: Caller,
): MoneyCommand {
  const reference = `${EXPORT_REFERENCE}${exportNumber}`;
  const data = {
    lineId: row.lineId,
    reference,
    export: mark,
    ...(status === 'stopped' ? { reason: 'withdrawn' } : {}),
  };
  return { ...envelope(status, row, derivedIdOf(row.lineId, reference, status), caller), data };
}

function envelope(status: string, row: PendingRow, id: string, caller: Caller): Omit<MoneyCommand, 'data'> {
  const key = compensationIdOf(row.promiseId);
  return { id, type: `makegood.settlement.${status}`, topic: TOPICS.settlements, key, actor: caller.keyId };
}

function exportedLine(row: PendingRow, amountMinor: number): ExportedLine {
  const { payBy } = JSON.parse(row.details) as LineDetails;
  return {
    lineId: row.lineId,
    kind: row.kind,
    amountMinor,
    currency: row.currency,
    route: row.route,
    beneficiary: row.beneficiary,
    payee: readPayee(row.payee === null ? null : JSON.parse(row.payee)),
    guarantee: row.guarantee,
    subject: row.subject,
    refs: JSON.parse(row.refs) as Record<string, string>,
    issuedAtMs: row.issuedAtMs,
    payBy: payBy ?? null,
  };
}
