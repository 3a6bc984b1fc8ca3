import type { Database } from '#libs/persistence';
import { beingMoved, Directory, LOAD_MARKS, notNow, type Marks, type ShardMark } from './directory.js';

export interface NamedDatabase {
  readonly name: string;
  readonly database: Database;
}

/** Of each database, what it answered; `version` names the places of shards under which they did. */
export interface Answers<Row> {
  readonly version: string;
  readonly of: readonly (NamedDatabase & { readonly rows: Row[] })[];
}

/** The name of `DATABASE_URL`. */
export const MAIN = 'main';
const NOWHERE: readonly number[] = [];
const TRIES = 5;

/**
 * The databases of one service: `main`, with what it knows from the control topic, and those that some of its shards
 * live in. Everything that belongs to a shard is in its shard's database. With `main` alone nobody is asked where.
 */
export class ShardDatabases {
  readonly all: readonly NamedDatabase[];

  /**
   * @param others beside `main`
   * @param declared where the settings put a shard that nobody has worked on yet
   */
  constructor(
    readonly main: Database,
    others: readonly NamedDatabase[] = [],
    private readonly declared: ReadonlyMap<number, string> = new Map(),
  ) {
    this.all = [{ name: MAIN, database: main }, ...others];
  }

  get(name: string): Database | null {
    return this.all.find((each) => each.name === name)?.database ?? null;
  }

  /**
   * The database that a shard's rows are to be read from.
   * @throws ProblemError, retryable: it cannot be told now
   */
  async of(shard: number): Promise<Database> {
    return this.named((await this.locate(shard)).name).database;
  }

  /**
   * The database that a shard may be claimed in.
   * @throws ProblemError, retryable: there is none now, as it is being moved, or whoever would know does not answer
   */
  async toClaim(shard: number): Promise<NamedDatabase> {
    const { name, isMoving } = await this.locate(shard);
    if (isMoving) throw beingMoved(shard, name);
    return this.named(name);
  }

  /** Asks each, with the shards that it must leave out as one more parameter: the statement's last, an integer[]. */
  async askEach<Row>(text: string, params: readonly unknown[] = []): Promise<Answers<Row>> {
    if (this.all.length === 1) {
      const rows = await this.main.query<Row>(text, [...params, NOWHERE]);
      return { version: '', of: [{ name: MAIN, database: this.main, rows }] };
    }
    for (let tried = 1; ; tried++) {
      const directory = await this.directory();
      const { version } = directory;
      const of = await Promise.all(
        this.all.map(async (each) => {
          const rows = await each.database.query<Row>(text, [...params, directory.elsewhere(each.name)]);
          return { ...each, rows };
        }),
      );
      // A shard that arrived elsewhere meanwhile is in two answers, or in none.
      if ((await this.directory()).version === version || tried === TRIES) return { version, of };
    }
  }

  /** The rows of all, database by database. */
  async ask<Row>(text: string, params: readonly unknown[] = []): Promise<Row[]> {
    return (await this.askEach<Row>(text, params)).of.flatMap(({ rows }) => rows);
  }

  /** Where shards live now; '' while there is one database. */
  async version(): Promise<string> {
    return this.all.length === 1 ? '' : (await this.directory()).version;
  }

  /** @throws whatever the first database throws that does not answer, unless `isPatient` */
  async directory(isPatient = false): Promise<Directory> {
    const marks = await Promise.all(
      this.all.map(async ({ name, database }): Promise<[string, Marks]> => {
        const rows = database.query<ShardMark>(LOAD_MARKS);
        const known = await (isPatient ? rows.catch(() => null) : rows);
        return [name, known && new Map(known.map((mark) => [mark.shard, mark]))];
      }),
    );
    return new Directory(new Map(marks), this.declared, MAIN);
  }

  private async locate(shard: number): Promise<{ readonly name: string; readonly isMoving: boolean }> {
    if (this.all.length === 1) return { name: MAIN, isMoving: false };
    return (await this.directory(true)).placeOf(shard);
  }

  private named(name: string): NamedDatabase {
    const found = this.all.find((each) => each.name === name);
    if (!found)
      throw notNow(
        'DATABASE_UNKNOWN',
        `a name of DATABASE_URLS → ${name}`,
        'name it there, for every instance the same',
      );
    return found;
  }
}
