import { EvaluationError } from '@marcbachmann/cel-js';
import { isTimeZone } from '#libs/calendar';
import { EVENT_LIMITS, type CloudEvent } from '#libs/contracts';
import { formatInstant, nameIdOf, parseInstant, type Problem } from '#libs/kernel';
import { localInstant } from './local-instant.js';
import { quoted, RowError, type RowExpression, type RowScope } from './row-expressions.js';
import type { MappedRow, Row } from './source-map.js';

/** How one event is made of a row: compiled, in the order of the file. */
export interface EventRecipe {
  readonly type: string;
  readonly when: RowExpression | null;
  readonly id: readonly RowExpression[];
  readonly subject: RowExpression;
  readonly time: InstantRecipe;
  readonly receivedAt: InstantRecipe | null;
  readonly data: readonly (readonly [string, ValueRecipe])[];
}

export type ValueRecipe =
  { readonly run: RowExpression } | { readonly members: readonly (readonly [string, ValueRecipe])[] };

/** `zone` null: an instant with offset; 'map': a local time in the map's zone; else the expression gives the zone. */
export interface InstantRecipe {
  readonly run: RowExpression;
  readonly zone: RowExpression | 'map' | null;
}

const PLAIN = /^[\w.-]+$/;

interface MapContext {
  readonly source: string;
  readonly timeZone: string;
  readonly columns: readonly string[] | null;
}

/** All events of a row, or why there are none. */
export function eventsOf(recipes: readonly EventRecipe[], row: Row, rowNumber: number, context: MapContext): MappedRow {
  const scope = scopeOf(row, context.columns);
  const events: CloudEvent[] = [];
  for (const recipe of recipes) {
    let field = 'when';
    try {
      if (recipe.when !== null && recipe.when(scope) !== true) continue;
      events.push(eventOf(recipe, scope, context, (name) => (field = name)));
    } catch (error) {
      return { problem: problemOf(error, `${recipe.type}, ${field}`, rowNumber) };
    }
  }
  return { events };
}

/** Empty texts and nulls are absent: not in `row`, null by their own name. */
function scopeOf(row: Row, columns: readonly string[] | null): RowScope {
  const present: Record<string, unknown> = {};
  for (const name of Object.keys(row)) {
    const value = row[name];
    if (value !== '' && value !== null && value !== undefined) present[name] = value;
  }
  const scope: Record<string, unknown> = { row: present };
  for (const column of columns ?? []) scope[column] = Object.hasOwn(present, column) ? present[column] : null;
  return scope;
}

function eventOf(recipe: EventRecipe, scope: RowScope, context: MapContext, at: (field: string) => void): CloudEvent {
  at('id');
  const names = recipe.id.map((part) => nameOf(part(scope)));
  at('subject');
  const subject = nameOf(recipe.subject(scope));
  at('time');
  const time = instantOf(recipe.time, scope, context);
  at('receivedAt');
  const receivedat = recipe.receivedAt === null ? null : instantOf(recipe.receivedAt, scope, context, true);
  const data: Record<string, unknown> = {};
  for (const [name, value] of recipe.data) {
    at(`data.${name}`);
    put(data, name, value, scope);
  }
  return {
    specversion: '1.0',
    id: idOf(recipe.type, names),
    source: context.source,
    type: recipe.type,
    subject,
    time: formatInstant(time as number),
    datacontenttype: 'application/json',
    data,
    ...(receivedat === null ? {} : { receivedat: formatInstant(receivedat) }),
  };
}

/** `shop.order.placed:A-1042`: readable, the same for the same fields, and no two lists of fields share one. */
function idOf(type: string, names: readonly string[]): string {
  const id = `${type}:${names.map((name) => (PLAIN.test(name) ? name : encodeURIComponent(name))).join('/')}`;
  return id.length <= EVENT_LIMITS.textIdCharsMax ? id : nameIdOf('mapped', type, ...names);
}

function put(target: Record<string, unknown>, name: string, recipe: ValueRecipe, scope: RowScope): void {
  if ('run' in recipe) {
    const value = recipe.run(scope);
    if (value !== null && value !== undefined) target[name] = typeof value === 'bigint' ? Number(value) : value;
    return;
  }
  const inner: Record<string, unknown> = {};
  for (const [member, shape] of recipe.members) put(inner, member, shape, scope);
  if (Object.keys(inner).length > 0) target[name] = inner;
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined || value === '')
    throw new RowError('a value was expected, the field is empty');
  if (typeof value === 'object') throw new RowError('text or a number was expected, found several values');
  return String(value);
}

function instantOf(recipe: InstantRecipe, scope: RowScope, context: MapContext, mayBeAbsent = false): number | null {
  const value = recipe.run(scope);
  if (mayBeAbsent && (value === null || value === undefined)) return null;
  if (value === null || value === undefined) throw new RowError('a time was expected, the field is empty');
  if (recipe.zone === null) {
    const instant = parseInstant(value);
    if (instant === null) throw new RowError(`a time with offset was expected (RFC 3339), found ${quoted(value)}`);
    return instant;
  }
  const zone = recipe.zone === 'map' ? context.timeZone : String(recipe.zone(scope));
  if (recipe.zone !== 'map' && !isTimeZone(zone)) throw new RowError(`a time zone was expected, found ${quoted(zone)}`);
  const instant = typeof value === 'string' ? localInstant(zone, value.trim()) : null;
  if (instant === null) throw new RowError(`a local time YYYY-MM-DDTHH:MM:SS was expected, found ${quoted(value)}`);
  return instant;
}

function problemOf(error: unknown, where: string, rowNumber: number): Problem {
  if (error instanceof RowError) return { code: 'ROW_INVALID', detail: `row ${rowNumber}, ${where}: ${error.message}` };
  if (error instanceof EvaluationError)
    return { code: 'ROW_INVALID', detail: `row ${rowNumber}, ${where}: ${error.summary}` };
  throw error;
}
