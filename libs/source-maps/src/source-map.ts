import type { CloudEvent } from '#libs/contracts';
import type { Problem } from '#libs/kernel';

/** One row of a CSV file (all text) or one JSON document of a sender's own. An empty text counts as absent. */
export type Row = Readonly<Record<string, unknown>>;

/** A row gives all of its events or, with a reason, none. */
export type MappedRow =
  | { readonly events: readonly CloudEvent[]; readonly problem?: undefined }
  | { readonly problem: Problem; readonly events?: undefined };

/** A compiled map: how a source's rows become CloudEvents. Pure: the same row gives the same events, ids included. */
export interface SourceMap {
  readonly name: string;
  /** CloudEvents source of every event it makes. */
  readonly source: string;
  readonly timeZone: string;
  /** Columns that the map declares; null when it takes any. */
  readonly columns: readonly string[] | null;
  /** Declared columns that a file's header lacks, each with the nearest name that it has. */
  missingColumns(header: readonly string[]): readonly Problem[];
  /** @param rowNumber counts from 1; it only names the row in problems. */
  events(row: Row, rowNumber: number): MappedRow;
}
