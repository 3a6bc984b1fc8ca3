import { Environment } from '@marcbachmann/cel-js';
import { Duration } from '@marcbachmann/cel-js/evaluator';
import { parseInstant } from '#libs/kernel';
import { EventScope, CustomerScope, CUSTOMER_FIELDS, EVENT_FIELDS } from './event-scope.js';
import { Amount, amountFromMajor, ratioOf, ValueError, type Ratio } from './amount.js';
import { exactOf, withExactNumbers } from './exact-number.js';
import { asAmount, extreme, withListFunctions } from './list-functions.js';
import { withPeriodFunctions } from './period-functions.js';
import { lookUp, TABLE_KEYS_MAX, type Tables } from './tables.js';
import { withVerdictFunctions, type VerdictTables } from './verdict-functions.js';
import { VERDICT_VARIABLES } from './verdict-scope.js';

const LIMITS = { maxAstNodes: 500, maxDepth: 50, maxListElements: 200, maxMapEntries: 100, maxCallArguments: 8 };
const AMOUNT_ARGUMENTS_MAX = 6;
const TIMESTAMP = 'google.protobuf.Timestamp';

/** Operators and functions that every expression has; nothing in it reads a clock, a file or chance. */
const bare = new Environment({ homogeneousAggregateLiterals: false, limits: LIMITS });
const common = withTimes(withPeriodFunctions(withListFunctions(withExactNumbers(withNumbers(withMoney(bare))))));

/** What expressions over one event see: `event`, `subject`, `customer`. */
export function eventEnvironment(currency: string, tables?: Tables): Environment {
  const environment = withMoneyOf(currency, common.clone())
    .registerType('Event', { ctor: EventScope, fields: { ...EVENT_FIELDS } })
    .registerType('CustomerRecord', { ctor: CustomerScope, fields: { ...CUSTOMER_FIELDS } })
    .registerVariable('event', 'Event')
    .registerVariable('customer', 'CustomerRecord')
    .registerVariable('subject', 'string');
  for (let keys = 1; keys <= TABLE_KEYS_MAX; keys++) {
    const signature = `table(string, ${Array(keys).fill('dyn').join(', ')}): dyn`;
    environment.registerFunction(signature, (name: string, ...values: unknown[]) => lookUp(tables, name, values));
  }
  return environment;
}

/** What expressions over an event of a promise see besides: `due`, `openedAt`, `opening`. */
export function evidenceEnvironment(currency: string, tables?: Tables): Environment {
  return eventEnvironment(currency, tables)
    .registerVariable('due', TIMESTAMP)
    .registerVariable('openedAt', TIMESTAMP)
    .registerVariable('opening', 'Event');
}

/** What a disruption's scope sees of a promise. */
export function disruptionEnvironment(variables: Readonly<Record<string, string>>): Environment {
  const environment = common.clone();
  for (const [name, type] of Object.entries(variables)) environment.registerVariable(name, type);
  return environment;
}

/** What expressions over a verdict see: the variables of `VerdictScope`, rates and the days of a calendar. */
export function verdictEnvironment(currency: string, tables: VerdictTables): Environment {
  const environment = withVerdictFunctions(tables, withMoneyOf(currency, common.clone()));
  for (const [name, type] of Object.entries(VERDICT_VARIABLES)) environment.registerVariable(name, type);
  return environment;
}

function withMoney(environment: Environment): Environment {
  environment.registerType('Money', { ctor: Amount, fields: {} });
  // An event's own money is a map until an operator touches it.
  const pairs = [
    ['Money', 'Money'],
    ['Money', 'map'],
    ['map', 'Money'],
    ['map', 'map'],
  ] as const;
  for (const [left, right] of pairs) {
    environment.registerOperator(`${left} + ${right}`, (a, b) => asAmount(a).plus(asAmount(b)));
    environment.registerOperator(`${left} - ${right}`, (a, b) => asAmount(a).minus(asAmount(b)));
    environment.registerOperator(`${left} < ${right}`, (a, b) => asAmount(a).compare(asAmount(b)) < 0);
    environment.registerOperator(`${left} <= ${right}`, (a, b) => asAmount(a).compare(asAmount(b)) <= 0);
    environment.registerOperator(`${left} > ${right}`, (a, b) => asAmount(a).compare(asAmount(b)) > 0);
    environment.registerOperator(`${left} >= ${right}`, (a, b) => asAmount(a).compare(asAmount(b)) >= 0);
    // `==` brings its mirror image and `!=` with it; two maps compare as maps.
    if (left === 'Money') {
      environment.registerOperator(`${left} == ${right}`, (a, b) => asAmount(a).compare(asAmount(b)) === 0);
    }
  }
  for (const money of ['Money', 'map']) {
    for (const number of ['int', 'double']) {
      environment.registerOperator(`${money} * ${number}`, (a, b) => asAmount(a).times(ratioOf(b)));
      environment.registerOperator(`${number} * ${money}`, (a, b) => asAmount(b).times(ratioOf(a)));
      environment.registerOperator(`${money} / ${number}`, (a, b) => asAmount(a).dividedBy(ratioOf(b)));
    }
  }
  const hundred = { numerator: 100n, denominator: 1n };
  environment.registerFunction('percent(dyn, dyn): Money', (m, n) => asAmount(m).times(ratioOf(n)).dividedBy(hundred));
  for (let count = 2; count <= AMOUNT_ARGUMENTS_MAX; count++) {
    const signature = `(${Array(count).fill('dyn').join(', ')}): dyn`;
    environment.registerFunction(`min${signature}`, (...values: unknown[]) => extreme(values, -1));
    environment.registerFunction(`max${signature}`, (...values: unknown[]) => extreme(values, 1));
  }
  return environment;
}

function withMoneyOf(currency: string, environment: Environment): Environment {
  return environment.registerFunction('money(dyn): Money', (value) => amountFromMajor(value, currency));
}

/** Numbers of JSON are doubles and literals are ints: mixed arithmetic gives a double instead of an error. */
function withNumbers(environment: Environment): Environment {
  const operators: Record<string, (a: number, b: number) => number> = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => a / b,
  };
  for (const [operator, compute] of Object.entries(operators)) {
    for (const [left, right] of [
      ['int', 'double'],
      ['double', 'int'],
    ] as const) {
      environment.registerOperator(`${left} ${operator} ${right}`, (a, b) => compute(Number(a), Number(b)));
    }
  }
  return environment;
}

/** Instants of an event are text: it is read as an instant where it meets a timestamp. */
function withTimes(environment: Environment): Environment {
  const operators: Record<string, (a: number, b: number) => boolean> = {
    '<': (a, b) => a < b,
    '<=': (a, b) => a <= b,
    '>': (a, b) => a > b,
    '>=': (a, b) => a >= b,
  };
  for (const [operator, compare] of Object.entries(operators)) {
    environment.registerOperator(`string ${operator} ${TIMESTAMP}`, (a, b) => compare(instant(a), instant(b)));
    environment.registerOperator(`${TIMESTAMP} ${operator} string`, (a, b) => compare(instant(a), instant(b)));
  }
  environment.registerOperator(`string == ${TIMESTAMP}`, (a, b) => instant(a) === instant(b));
  const units = { minutes: 60_000, hours: 3_600_000, days: 86_400_000 };
  for (const [name, unitMs] of Object.entries(units)) {
    environment.registerFunction(`${name}(dyn): google.protobuf.Duration`, (count) =>
      Duration.fromMilliseconds(milliseconds(exactOf(count), unitMs)),
    );
  }
  return environment;
}

function instant(value: unknown): number {
  const atMs = value instanceof Date ? value.getTime() : parseInstant(value);
  if (atMs === null) throw new ValueError('an instant with an offset was expected, e.g. 2026-05-04T16:30:00+02:00');
  return atMs;
}

const milliseconds = ({ numerator, denominator }: Ratio, unitMs: number): number =>
  Number((numerator * BigInt(unitMs)) / denominator);
