import { ValueError } from './amount.js';

/** Columns that a table can be looked up by. */
export const TABLE_KEYS_MAX = 7;

/** One cell as an expression sees it: columns of whole numbers are ints, of decimals doubles; an empty cell is null. */
export type Cell = string | bigint | number | null;

/** A CSV file beside the guarantees: the first columns are looked up by, what is left is the answer. */
export interface Table {
  readonly name: string;
  readonly file: string;
  /** SHA-256 of its text, hexadecimal. */
  readonly hash: string;
  readonly columns: readonly string[];
  /** The first row whose first cells equal the keys (`*` equals any), with its line in the file; null: none. */
  find(keys: readonly string[]): { readonly cells: readonly Cell[]; readonly line: number } | null;
}

/** No row has these keys: a due that needs one promises nothing. */
export class NoRowError extends ValueError {}

/** The tables that one guarantee can read, and which of them it reads. */
export class Tables {
  private readonly used = new Set<string>();
  private seen: string[] | null = null;

  constructor(private readonly shelf: ReadonlyMap<string, Table>) {}

  names(): string[] {
    return [...this.shelf.keys()];
  }

  use(name: string): Table | null {
    const table = this.shelf.get(name);
    if (table === undefined) return null;
    this.used.add(name);
    return table;
  }

  usedTables(): Table[] {
    return [...this.used].sort().flatMap((name) => this.shelf.get(name) ?? []);
  }

  /** True when some expression looks something up. */
  get isUsed(): boolean {
    return this.used.size > 0;
  }

  /** Runs `compute` and says in words which rows it read; expressions are synchronous, so nothing comes between. */
  watch<T>(compute: () => T): { readonly value: T; readonly rows: readonly string[] } {
    this.seen = [];
    try {
      const value = compute();
      return { value, rows: this.seen };
    } finally {
      this.seen = null;
    }
  }

  look(name: string, values: readonly unknown[]): unknown {
    const table = this.shelf.get(name);
    if (table === undefined) throw new ValueError('the table is not there');
    const row = table.find(values.map(keyText));
    if (row === null) throw new NoRowError(`table ${name} has no row for it`);
    this.seen?.push(`${table.file} line ${row.line} (${table.hash.slice(0, 12)})`);
    const rest = row.cells.slice(values.length);
    if (rest.length === 1) return rest[0] ?? null;
    return Object.fromEntries(rest.map((cell, i) => [table.columns[values.length + i], cell]));
  }
}

export function lookUp(tables: Tables | undefined, name: string, values: readonly unknown[]): unknown {
  if (tables === undefined) throw new ValueError('there are no tables here');
  return tables.look(name, values);
}

function keyText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new ValueError('a table is looked up by text, numbers or true and false');
}
