import { EvaluationError } from '@marcbachmann/cel-js';
import type { CloudEvent } from '#libs/contracts';
import { nearestName, parseInstant, type InstantMs, type Problem } from '#libs/kernel';
import {
  checkModelEvent,
  inDays,
  MODEL_EVENT_FIELDS,
  type FieldShape,
  type ModelEvent,
  type ModelEventType,
} from '#libs/loyalty-model';
import { quoted, RowError, RowExpressions, type ReadFile, type RowExpression } from '#libs/source-maps';
import type { ModelEventFile, SignalsFile } from './signals-schema.js';

/** How one event of the model is made of a signal; `at` in epoch milliseconds. */
export type ModelRecipe = (event: CloudEvent, id: string, timeMs: InstantMs) => ModelEvent | null;

/** A signal that does not hold what signals.yaml says of its type; the text is for its sender. */
export class SignalError extends Error {}

type Report = (path: readonly PropertyKey[], problem: Omit<Problem, 'at'>, offset?: number) => void;

/** Compiles the recipes of signals.yaml; what is wrong is reported with its place. */
export class RecipeCompiler {
  private readonly expressions = new RowExpressions(['event']);
  readonly problems: Problem[] = [];

  constructor(private readonly file: ReadFile<SignalsFile>) {}

  recipe(shape: ModelEventFile, path: readonly PropertyKey[]): ModelRecipe {
    const { type, when, at, ...given } = shape as ModelEventFile & { when?: Source; at?: Source };
    const fields = MODEL_EVENT_FIELDS[type];
    this.checkNames(type, Object.keys(given), path);
    const condition = when === undefined ? null : this.expression(when, [...path, 'when']);
    const instant = at === undefined ? null : this.expression(at, [...path, 'at']);
    const values = Object.entries(given as Record<string, Source>).map(
      ([name, source]) => [name, this.field(source, fields[name], [...path, name]), fields[name]] as const,
    );
    return (event, id, timeMs) => {
      if (condition && valueOf(condition, event, 'when', true) !== true) return null;
      const atMs = instant ? instantFrom(valueOf(instant, event, 'at', false)) : timeMs;
      const made: Record<string, unknown> = { id, type, at: atMs };
      for (const [name, run, field] of values) {
        const value = coerced(valueOf(run, event, name, isOptional(field)), field, name);
        if (value !== undefined) made[name] = value;
      }
      return checked(made);
    };
  }

  private checkNames(type: ModelEventType, given: readonly string[], path: readonly PropertyKey[]): void {
    const fields = MODEL_EVENT_FIELDS[type];
    for (const name of given.filter((each) => !Object.hasOwn(fields, each))) {
      const known = [...Object.keys(fields), 'type', 'when', 'at'];
      const nearest = nearestName(name, known);
      const advice = `${nearest ? `Did you mean \`${nearest}\`? ` : ''}Known: ${known.join(', ')}.`;
      this.report([...path, name], {
        code: 'SIGNALS_UNKNOWN_FIELD',
        detail: `${type} has no field \`${name}\``,
        advice,
      });
    }
    for (const [name, shape] of Object.entries(fields)) {
      if (isOptional(shape) || given.includes(name)) continue;
      const detail = `\`${name}\` of ${type} is missing (${described(shape)})`;
      this.report([...path, 'type'], { code: 'SIGNALS_FIELD_MISSING', detail });
    }
  }

  /** A word that the field allows stands for itself; anything else is an expression. */
  private field(source: Source, shape: FieldShape | undefined, path: readonly PropertyKey[]): RowExpression {
    if (Array.isArray(shape) && (shape as readonly unknown[]).includes(source)) return () => source;
    return this.expression(source, path);
  }

  private expression(source: Source, path: readonly PropertyKey[]): RowExpression {
    const members = typeof source === 'string' ? PLAIN_PATH.exec(source)?.[1]?.split('.') : undefined;
    if (members) return ({ event }) => memberAt(event, members);
    const compiled = this.expressions.compile(source);
    if ('run' in compiled) return compiled.run;
    const isName = compiled.fault.code === 'MAP_UNKNOWN_COLUMN';
    const { detail, advice } = compiled.fault;
    if (isName)
      this.report(
        path,
        { code: 'SIGNALS_UNKNOWN_NAME', detail: detail.replace('column', 'name'), ...(advice ? { advice } : {}) },
        compiled.offset,
      );
    else this.report(path, { code: 'SIGNALS_EXPRESSION', detail, ...(advice ? { advice } : {}) }, compiled.offset);
    return () => null;
  }

  private readonly report: Report = (path, problem, offset) => {
    this.problems.push(this.file.problemAt(path, problem, offset));
  };
}

type Source = string | number | boolean;

const PLAIN_PATH = /^event\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)$/;

/** Undefined where any member on the way is missing. */
export function memberAt(value: unknown, members: readonly string[]): unknown {
  for (const name of members) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function isOptional(shape: FieldShape | undefined): boolean {
  return typeof shape === 'string' ? shape.endsWith('?') : (shape ?? []).includes('?');
}

function described(shape: FieldShape): string {
  return typeof shape === 'string' ? shape.replace('?', '') : shape.filter((word) => word !== '?').join(', ');
}

/** What an expression says of an event; a missing member is nothing where nothing is allowed. */
function valueOf(run: RowExpression, event: CloudEvent, name: string, mayBeAbsent: boolean): unknown {
  try {
    return run({ event });
  } catch (error) {
    if (error instanceof EvaluationError && mayBeAbsent && /no such key/i.test(error.message)) return undefined;
    if (error instanceof EvaluationError) throw new SignalError(`${name}: ${error.summary}`);
    if (error instanceof RowError) throw new SignalError(`${name}: ${error.message}`);
    throw error;
  }
}

function instantFrom(value: unknown): InstantMs {
  const instant = parseInstant(value);
  if (instant === null) throw new SignalError(`at: an RFC 3339 instant was expected, found ${quoted(value)}`);
  return instant;
}

/** Numbers as numbers, ids as texts, times as milliseconds; `checkModelEvent` judges the rest. */
function coerced(value: unknown, shape: FieldShape | undefined, name: string): unknown {
  if (value === null || value === undefined) return isOptional(shape) ? undefined : null;
  if (name === 'newEta') return instantFrom(value);
  const plain = typeof value === 'bigint' ? Number(value) : value;
  if (shape === 'text' || shape === 'text?') return typeof plain === 'number' ? String(plain) : plain;
  const isNumber = shape === 'number' || shape === 'number?' || shape === 'notNegative?' || shape === 'positive';
  return isNumber && typeof plain === 'string' && plain.trim() !== '' ? Number(plain) : plain;
}

/** The model checks days; what is kept is milliseconds. */
function checked(made: Record<string, unknown>): ModelEvent {
  const verdict = checkModelEvent(inDays(made as unknown as ModelEvent));
  if ('event' in verdict) return made as unknown as ModelEvent;
  throw new SignalError(verdict.problems.map(({ detail }) => detail).join('; '));
}
