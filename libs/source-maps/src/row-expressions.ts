import { Environment, ParseError } from '@marcbachmann/cel-js';
import { isLocalDate } from '#libs/calendar';
import { isMoney, nearestName, type Problem } from '#libs/kernel';

/** What an expression of a map sees: each declared column by its name (null where absent), and all as `row`. */
export type RowScope = Readonly<Record<string, unknown>>;
export type RowExpression = (scope: RowScope) => unknown;

/** A value of the row that is not what the map says it is; the text is for the sender. */
export class RowError extends Error {}

const LIMITS = { maxAstNodes: 500, maxDepth: 50, maxListElements: 200, maxMapEntries: 100, maxCallArguments: 8 };
const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Functions answer null for an absent value, so that what is absent stays absent. */
const base = new Environment({ homogeneousAggregateLiterals: false, limits: LIMITS })
  .registerVariable('row', 'map')
  .registerFunction('money(dyn, string): dyn', (value, currency) => moneyOf(value, String(currency)))
  .registerFunction('integer(dyn): dyn', (value) => (value == null ? null : BigInt(integerOf(value))))
  .registerFunction('number(dyn): dyn', (value) => (value == null ? null : numberOf(value)))
  .registerFunction('date(dyn): dyn', (value) => dateOf(value))
  .registerFunction('lower(dyn): dyn', (value) => (value == null ? null : String(value).toLowerCase()))
  .registerFunction('text(dyn): dyn', (value) => (value == null ? null : String(value)));
const FUNCTIONS = [
  'money',
  'integer',
  'number',
  'date',
  'lower',
  'text',
  'has',
  'size',
  'int',
  'double',
  'string',
  'bool',
];

export class RowExpressions {
  private readonly environment: Environment;

  constructor(private readonly columns: readonly string[] | null) {
    this.environment = base.clone();
    for (const column of columns ?? []) if (column !== 'row') this.environment.registerVariable(column, 'dyn');
  }

  /** Compiles an expression or says what is wrong with it, and at which character. */
  compile(
    source: string | number | boolean,
  ): { readonly run: RowExpression } | { readonly fault: Omit<Problem, 'at'>; readonly offset: number } {
    if (typeof source !== 'string') return { run: () => source };
    const { columns } = this;
    // A column's plain name is nearly every expression: it needs no interpreter.
    if (PLAIN_NAME.test(source) && source !== 'row' && columns?.includes(source))
      return { run: (scope) => scope[source] };
    try {
      const parsed = this.environment.parse(source);
      const check = parsed.check();
      if (!check.valid) return this.faultOf(source, check.error);
      return { run: (scope) => parsed(scope as Record<string, unknown>) };
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      return this.faultOf(source, error);
    }
  }

  private faultOf(text: string, error: { summary?: string; range?: { start: number } | undefined } | undefined) {
    const summary = (error?.summary ?? 'it cannot be read').replace('Unexpected token: EOF', 'it ends too early');
    const offset = error?.range?.start ?? 0;
    const unknown = /^Unknown variable: (\S+)/.exec(summary)?.[1];
    if (unknown !== undefined) {
      const advice =
        this.columns === null
          ? 'Declare the columns (`columns: [a, b]`), or write row.NAME.'
          : known(unknown, this.columns);
      return { fault: { code: 'MAP_UNKNOWN_COLUMN', detail: `there is no column \`${unknown}\``, advice }, offset };
    }
    const called = /no matching overload for '(\w+)\(/.exec(summary)?.[1];
    const advice =
      called === undefined
        ? 'Expressions are CEL: names of columns, text in double quotes, == && || !.'
        : known(called, FUNCTIONS);
    return { fault: { code: 'MAP_EXPRESSION', detail: `\`${text}\`: ${summary}`, advice }, offset };
  }
}

function known(found: string, names: readonly string[]): string {
  const nearest = nearestName(found, names);
  return `${nearest ? `Did you mean \`${nearest}\`? ` : ''}Known: ${names.join(', ')}.`;
}

function moneyOf(value: unknown, currency: string): unknown {
  if (value == null) return null;
  const money = { amountMinor: integerOf(value), currency };
  if (!isMoney(money))
    throw new RowError(`an amount in minor units of a currency was expected, found ${quoted(value)} ${currency}`);
  return money;
}

function integerOf(value: unknown): number {
  const number = typeof value === 'string' && !/^[+-]?\d+$/.test(value.trim()) ? NaN : Number(value);
  if (!Number.isSafeInteger(number)) throw new RowError(`a whole number was expected, found ${quoted(value)}`);
  return number;
}

function numberOf(value: unknown): number {
  const number =
    typeof value === 'string' && !/^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value.trim()) ? NaN : Number(value);
  if (!Number.isFinite(number)) throw new RowError(`a number was expected, found ${quoted(value)}`);
  return number;
}

function dateOf(value: unknown): string | null {
  if (value == null) return null;
  if (!isLocalDate(value)) throw new RowError(`a date YYYY-MM-DD was expected, found ${quoted(value)}`);
  return value;
}

/** At most so much of a value as names it to its sender. */
export function quoted(value: unknown): string {
  const text = typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
