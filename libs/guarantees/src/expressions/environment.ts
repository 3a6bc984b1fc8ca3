import { Environment } from '@marcbachmann/cel-js';
import { EventScope, CustomerScope, CUSTOMER_FIELDS, EVENT_FIELDS } from './event-scope.js';
import { Amount, amountFromMajor, amountOf, ratioOf, ValueError } from './amount.js';
import { VERDICT_VARIABLES } from './verdict-scope.js';

const LIMITS = { maxAstNodes: 500, maxDepth: 50, maxListElements: 200, maxMapEntries: 100, maxCallArguments: 8 };
const AMOUNT_ARGUMENTS_MAX = 6;

/** Operators and functions that every expression has; nothing in it reads a clock, a file or chance. */
const common = withNumbers(withMoney(new Environment({ homogeneousAggregateLiterals: false, limits: LIMITS })));

/** What expressions over one event see: `event`, `subject`, `customer`. */
export function eventEnvironment(currency: string): Environment {
  return withMoneyOf(currency, common.clone())
    .registerType('Event', { ctor: EventScope, fields: { ...EVENT_FIELDS } })
    .registerType('CustomerRecord', { ctor: CustomerScope, fields: { ...CUSTOMER_FIELDS } })
    .registerVariable('event', 'Event')
    .registerVariable('customer', 'CustomerRecord')
    .registerVariable('subject', 'string');
}

/** What expressions over a verdict see: `base`, `facts`, `lateness`, `latenessMs`, `dueAt`, `completedAt`, `completed`. */
export function verdictEnvironment(currency: string): Environment {
  const environment = withMoneyOf(currency, common.clone());
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
    environment.registerOperator(`${left} + ${right}`, (a, b) => amount(a).plus(amount(b)));
    environment.registerOperator(`${left} - ${right}`, (a, b) => amount(a).minus(amount(b)));
    environment.registerOperator(`${left} < ${right}`, (a, b) => amount(a).compare(amount(b)) < 0);
    environment.registerOperator(`${left} <= ${right}`, (a, b) => amount(a).compare(amount(b)) <= 0);
    environment.registerOperator(`${left} > ${right}`, (a, b) => amount(a).compare(amount(b)) > 0);
    environment.registerOperator(`${left} >= ${right}`, (a, b) => amount(a).compare(amount(b)) >= 0);
    // `==` brings its mirror image and `!=` with it; two maps compare as maps.
    if (left === 'Money') {
      environment.registerOperator(`${left} == ${right}`, (a, b) => amount(a).compare(amount(b)) === 0);
    }
  }
  for (const money of ['Money', 'map']) {
    for (const number of ['int', 'double']) {
      environment.registerOperator(`${money} * ${number}`, (a, b) => amount(a).times(ratioOf(b)));
      environment.registerOperator(`${number} * ${money}`, (a, b) => amount(b).times(ratioOf(a)));
      environment.registerOperator(`${money} / ${number}`, (a, b) => amount(a).dividedBy(ratioOf(b)));
    }
  }
  const hundred = { numerator: 100n, denominator: 1n };
  environment.registerFunction('percent(dyn, dyn): Money', (m, n) => amount(m).times(ratioOf(n)).dividedBy(hundred));
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

function amount(value: unknown): Amount {
  const found = amountOf(value);
  if (found === null) throw new ValueError('money ({amountMinor, currency}) was expected');
  return found;
}

/** The least (-1) or greatest (1) of amounts or of numbers. */
function extreme(values: unknown[], sign: -1 | 1): unknown {
  if (amountOf(values[0]) !== null) {
    return values.map(amount).reduce((best, value) => (value.compare(best) * sign > 0 ? value : best));
  }
  return values.map(number).reduce((best, value) => ((sign > 0 ? value > best : value < best) ? value : best));
}

function number(value: unknown): bigint | number {
  if (typeof value === 'bigint' || typeof value === 'number') return value;
  throw new ValueError('numbers or amounts were expected');
}
