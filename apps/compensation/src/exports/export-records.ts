import type { Sql } from '#libs/persistence';
import { openOf, type Line, type LineState } from '../entitlement/line.js';
import type { ExportMark } from './export-mark.js';
import { PASS_NUMBERS, SAVE_EXPORT_LINES, SAVE_EXPORTS } from './sql.js';

interface Noted {
  readonly mark: ExportMark;
  readonly line: Line;
  readonly isHanded: boolean;
}

/** Payable, and not in anybody's hands. */
const TO_HAND: readonly LineState[] = ['requested', 'failed'];
const TO_TAKE_BACK: readonly LineState[] = ['accepted', 'failed', 'recall-requested'];

/** Which lines left by which export, as the settlements of a batch tell. */
export class ExportRecords {
  private readonly noted: Noted[] = [];

  /** @param after null: the settlement was refused */
  note(mark: ExportMark, before: Line, after: Line | null): void {
    const isHanded =
      mark.kind === 'payments'
        ? TO_HAND.includes(before.state) && after?.state === 'accepted'
        : TO_TAKE_BACK.includes(before.state) && after?.state === 'cancelled';
    this.noted.push({ mark, line: before, isHanded });
  }

  async save(tx: Sql): Promise<void> {
    if (this.noted.length === 0) return;
    const marks = [...new Map(this.noted.map(({ mark }) => [mark.number, mark])).values()];
    await tx.query(SAVE_EXPORTS, [
      marks.map(({ number }) => number),
      marks.map(({ kind }) => kind),
      marks.map(({ format }) => format),
      marks.map(({ route }) => route),
      marks.map(({ madeAtMs }) => madeAtMs),
      marks.map(({ by }) => by),
      marks.map(({ count }) => count),
      marks.map((mark) => mark.of ?? null),
      marks.map(({ executeOn }) => executeOn ?? null),
      marks.map(({ reason }) => reason ?? null),
    ]);
    await tx.query(SAVE_EXPORT_LINES, [
      this.noted.map(({ mark }) => mark.number),
      this.noted.map(({ line }) => line.lineId),
      this.noted.map(({ mark }) => mark.position),
      this.noted.map(({ line }) => openOf(line)),
      this.noted.map(({ line }) => line.currency ?? ''),
      this.noted.map(({ isHanded }) => isHanded),
      this.noted.map(({ mark }) => mark.kind === 'withdrawal'),
    ]);
    await tx.query(PASS_NUMBERS, [Math.max(...marks.map(({ number }) => number))]);
  }
}
