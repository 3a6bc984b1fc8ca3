import type { FactView } from '../guarantee.js';
import type { VerdictScope } from '../remedy.js';
import type { ExpressionScope } from './compile-expression.js';
import { eventEnvironment, evidenceEnvironment, verdictEnvironment } from './environment.js';
import { CUSTOMER_FIELDS, EVENT_FIELDS, eventContext } from './event-scope.js';
import { memberReader, type Accessor } from './fast-path.js';
import type { Tables } from './tables.js';
import { VERDICT_FIELDS, VERDICT_VARIABLES, verdictContext } from './verdict-scope.js';
import type { VerdictTables } from './verdict-functions.js';

/** Expressions over one event, in a guarantee of a currency: what an opening says, before there is a promise. */
export function eventScope(currency: string, tables?: Tables): ExpressionScope<FactView> {
  return {
    environment: eventEnvironment(currency, tables),
    known: { event: Object.keys(EVENT_FIELDS), subject: null, customer: Object.keys(CUSTOMER_FIELDS) },
    ...(tables === undefined ? {} : { tables }),
    resolve: (names) => resolveInEvent(names),
    context: eventContext,
    describe: (fact) => `event ${fact.type} ${fact.id}`,
  };
}

/** As `eventScope`, where the event speaks about a promise: `due`, `openedAt` and `opening` can be read too. */
export function evidenceScope(currency: string, tables?: Tables): ExpressionScope<FactView> {
  const scope = eventScope(currency, tables);
  return {
    ...scope,
    environment: evidenceEnvironment(currency, tables),
    known: { ...scope.known, due: null, openedAt: null, opening: Object.keys(EVENT_FIELDS) },
    resolve(names) {
      if (names[0] !== 'opening') return resolveInEvent(names);
      const read = resolveInEvent(['event', ...names.slice(1)]);
      return read === null ? null : (_fact, promise) => (promise === undefined ? undefined : read(promise.opening));
    },
  };
}

function resolveInEvent(names: readonly string[]): Accessor<FactView> | null {
  const [variable, field, ...rest] = names;
  if (variable === 'subject') return names.length === 1 ? (fact) => fact.subject : null;
  if (variable !== 'event') return null;
  if (field === 'data') {
    const read = memberReader(rest);
    return rest.length === 0 ? (fact) => fact.data : (fact) => read(fact.data);
  }
  if (rest.length > 0) return null;
  if (field === 'subject') return (fact) => fact.subject;
  if (field === 'id') return (fact) => fact.id;
  if (field === 'type') return (fact) => fact.type;
  return field === 'source' ? (fact) => fact.source : null;
}

/** Expressions over a verdict; only what the opening named is there to be read. */
export function verdictScope(
  currency: string,
  baseNames: readonly string[],
  factNames: readonly string[],
  tables: VerdictTables,
): ExpressionScope<VerdictScope> {
  const others = Object.keys(VERDICT_VARIABLES).filter((name) => name !== 'base' && name !== 'facts');
  return {
    environment: verdictEnvironment(currency, tables),
    known: {
      base: baseNames,
      facts: factNames,
      ...Object.fromEntries(others.map((name) => [name, VERDICT_FIELDS[name] ?? null])),
    },
    resolve: resolveInVerdict,
    context: (scope) => verdictContext(scope, factNames),
    describe: () => 'the verdict',
  };
}

function resolveInVerdict(names: readonly string[]): Accessor<VerdictScope> | null {
  const [variable, ...rest] = names;
  if (rest.length === 0) return null;
  const read = memberReader(rest);
  if (variable === 'base') return (scope) => read(scope.base);
  if (variable !== 'facts') return null;
  // A fact that the opening did not have is null, below it there is nothing.
  return rest.length === 1 ? (scope) => read(scope.facts) ?? null : (scope) => read(scope.facts);
}
