import { protocol, type PGlite } from '@electric-sql/pglite';

interface Field {
  readonly name: string;
  readonly dataTypeID: number;
}

/** What the parser of the wire protocol gives; of each kind of message, the members that are read here. */
interface Message {
  readonly name: string;
  readonly dataTypeIDs?: readonly number[];
  readonly fields?: readonly unknown[];
}

interface Prepared {
  readonly name: string;
  readonly paramTypes: readonly number[];
  readonly fields: readonly Field[];
}

const { serialize, Parser } = protocol;

/**
 * Statements by PostgreSQL's own protocol, parsed once and then bound and executed in one message: a third to a fifth of
 * what `PGlite.query` costs, which parses and describes each statement each time. The answers are the same.
 */
export class QuickSql {
  private readonly prepared = new Map<string, Prepared>();

  constructor(private readonly pg: PGlite) {}

  /** @throws the database's error, with its SQLSTATE in `code`. */
  query<R>(text: string, params: readonly unknown[] = []): R[] {
    const statement = this.prepared.get(text) ?? this.prepare(text);
    const { serializers, parsers } = this.pg;
    const values = params.map((value, i) => {
      if (value === null || value === undefined) return null;
      if (value instanceof Uint8Array) return value; // as it is: in digits it is slow
      return serializers[statement.paramTypes[i] ?? 0]?.(value) ?? String(value);
    });
    const answer = this.send([
      serialize.bind({ statement: statement.name, values }),
      serialize.execute({}),
      serialize.sync(),
    ]);
    const rows: R[] = [];
    for (const { name, fields = [] } of answer) {
      if (name !== 'dataRow') continue;
      const row: Record<string, unknown> = {};
      statement.fields.forEach(({ name: column, dataTypeID }, i) => {
        const cell = fields[i] as string | null;
        row[column] = cell === null ? null : (parsers[dataTypeID]?.(cell, dataTypeID) ?? cell);
      });
      rows.push(row as R);
    }
    return rows;
  }

  private prepare(text: string): Prepared {
    const name = `s${this.prepared.size}`;
    const answer = this.send([
      serialize.parse({ name, text }),
      serialize.describe({ type: 'S', name }),
      serialize.sync(),
    ]);
    const statement: Prepared = {
      name,
      paramTypes: answer.find((message) => message.name === 'parameterDescription')?.dataTypeIDs ?? [],
      fields: (answer.find((message) => message.name === 'rowDescription')?.fields ?? []) as Field[],
    };
    this.prepared.set(text, statement);
    return statement;
  }

  private send(messages: readonly Uint8Array[]): Message[] {
    const answer: Message[] = [];
    new Parser().parse(this.pg.execProtocolRawSync(Buffer.concat(messages)), (message) => {
      answer.push(message as unknown as Message);
    });
    const error = answer.find(({ name }) => name === 'error');
    if (error) throw error;
    return answer;
  }
}
