import { Environment } from '@marcbachmann/cel-js';
import { EventScope, CustomerScope, CUSTOMER_FIELDS, EVENT_FIELDS } from './event-scope.js';
import { Amount, amountFromMajor, ratioOf } from './amount.js';
import { withExactNumbers } from './exact-number.js';
import { asAmount, extreme, withListFunctions } from './list-functions.js';
import { withPeriodFunctions } from './period-functions.js';
import { withVerdictFunctions, type VerdictTables } from './verdict-functions.js';
import { VERDICT_VARIABLES } from './verdict-scope.js';

const LIMITS = { maxAstNodes: 500, maxDepth: 50, maxListElements: 200, maxMapEntries: 100, maxCallArguments: 8 };
const AMOUNT_ARGUMENTS_MAX = 6;

/** Operators and functions that every expression has; nothing in it reads a clock, a file or chance. */
const bare = new Environment({ homogeneousAggregateLiterals: false, limits: LIMITS });
const common = withPeriodFunctions(withListFunctions(withExactNumbers(withNumbers(withMoney(bare)))));

/** What expressions over one event see: `event`, `subject`, `customer`. */
export function eventEnvironment(currency: string): Environment {
  return withMoneyOf(currency, common.clone())
    .registerType('Event', { ctor: EventScope, fields: { ...EVENT_FIELDS } })
    .registerType('CustomerRecord', { ctor: CustomerScope, fields: { ...CUSTOMER_FIELDS } })
    .registerVariable('event', 'Event')
    .registerVariable('customer', 'CustomerRecord')
    .registerVariable('subject', 'string');
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
