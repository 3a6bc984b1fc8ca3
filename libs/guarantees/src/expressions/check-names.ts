import type { Environment } from '@marcbachmann/cel-js';
import { nearestName } from '#libs/kernel';
import { callOf, childrenOf, memberPathOf, stringLiteralOf, type SyntaxNode } from './syntax-tree.js';
import type { Tables } from './tables.js';

/** What is wrong with an expression, and where in its text. */
export interface ExpressionFault {
  readonly code: string;
  readonly message: string;
  readonly advice: string;
  /** Offset into the expression's text. */
  readonly start: number;
}

/** The variables of a scope; for those whose fields are all known, the fields. */
export type KnownNames = Readonly<Record<string, readonly string[] | null>>;

const MACROS_WITH_VARIABLE = new Set(['all', 'exists', 'exists_one', 'map', 'filter', 'bind']);
const LOOPS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);
/** Two loops over lists of at most 1,000 are a million steps; three would stop a service. */
const LOOP_DEPTH_MAX = 2;
const LITERALS_CHECKED = new Set(['duration', 'timestamp', 'money']);

const DURATION_ADVICE = 'In expressions a duration is written duration("1h30m"), with the units h, m, s and ms.';
const ADVICE_OF_LITERAL: Readonly<Record<string, string>> = {
  duration: DURATION_ADVICE,
  timestamp: 'A timestamp is written timestamp("2026-01-01T00:00:00Z").',
  money: 'Money is written money("5.00") or money("5.00 EUR").',
};

interface Walk {
  readonly known: KnownNames;
  readonly environment: Environment;
  readonly functions: ReadonlySet<string>;
  readonly text: string;
  readonly faults: ExpressionFault[];
  readonly tables: Tables | undefined;
}

/** Names, fields, functions and literals that cannot be right, each with the nearest that would be. */
export function checkNames(
  text: string,
  tree: SyntaxNode,
  known: KnownNames,
  environment: Environment,
  tables?: Tables,
): ExpressionFault[] {
  const functions = new Set(environment.getDefinitions().functions.map((definition) => definition.name));
  const walk: Walk = { known, environment, functions, text, faults: [], tables };
  visit(walk, tree, new Set(), 0);
  return walk.faults;
}

function visit(walk: Walk, node: SyntaxNode, bound: ReadonlySet<string>, loopDepth: number): void {
  const call = callOf(node);
  if (call !== null) return visitCall(walk, node, call, bound, loopDepth);
  const path = memberPathOf(node);
  if (path !== null) return checkPath(walk, path.names, path.starts, bound);
  for (const child of childrenOf(node)) visit(walk, child, bound, loopDepth);
}

function visitCall(
  walk: Walk,
  node: SyntaxNode,
  call: NonNullable<ReturnType<typeof callOf>>,
  bound: ReadonlySet<string>,
  loopDepth: number,
): void {
  const { name, receiver, args } = call;
  checkFunction(walk, node, name, receiver);
  checkLiteral(walk, node, name, args);
  if (name === 'table' && receiver === null && walk.functions.has(name)) checkTable(walk, node, args);
  const isLoop = receiver !== null && LOOPS.has(name);
  const depth = isLoop ? loopDepth + 1 : loopDepth;
  if (depth > LOOP_DEPTH_MAX) {
    const message = `loops are nested ${depth} deep, ${LOOP_DEPTH_MAX} are allowed`;
    fault(walk, 'GUARANTEE_EXPRESSION_TOO_COSTLY', message, 'Let the source send the result instead.', node.start);
  }
  if (receiver !== null && !(receiver.op === 'id' && receiver.args === 'cel')) visit(walk, receiver, bound, loopDepth);
  const variable = receiver !== null && MACROS_WITH_VARIABLE.has(name) ? args[0] : undefined;
  const inner = variable?.op === 'id' ? new Set([...bound, variable.args as string]) : bound;
  for (const argument of args) if (argument !== variable) visit(walk, argument, inner, depth);
}

function checkPath(walk: Walk, names: readonly string[], starts: readonly number[], bound: ReadonlySet<string>): void {
  const [variable, field] = names as [string, string?];
  if (bound.has(variable)) return;
  const fields = walk.known[variable];
  if (fields === undefined) {
    const others = [...Object.keys(walk.known), ...bound];
    const message = `there is no variable \`${variable}\` here`;
    fault(walk, 'GUARANTEE_EXPRESSION_UNKNOWN_NAME', message, suggest(variable, others), starts[0] as number);
  } else if (fields !== null && field !== undefined && !fields.includes(field)) {
    const message = `\`${variable}\` has no field \`${field}\``;
    const advice = fields.length > 0 ? suggest(field, fields) : `opens.${variable} names nothing.`;
    fault(walk, 'GUARANTEE_EXPRESSION_UNKNOWN_NAME', message, advice, starts[1] as number);
  }
}

function checkFunction(walk: Walk, node: SyntaxNode, name: string, receiver: SyntaxNode | null): void {
  const start = receiver === null ? node.start : walk.text.indexOf(name, receiver.end);
  if (name === 'matches') {
    const advice = 'Use startsWith, endsWith, contains or ==.';
    fault(walk, 'GUARANTEE_EXPRESSION_TOO_COSTLY', 'patterns have no bound on their cost', advice, start);
  } else if (!walk.functions.has(name)) {
    const advice = suggest(name, [...walk.functions].filter((known) => known !== 'matches').sort());
    fault(walk, 'GUARANTEE_EXPRESSION_UNKNOWN_NAME', `there is no function \`${name}\``, advice, start);
  }
}

/** A literal that can never be read is refused when the file is loaded, not at the first breach. */
function checkLiteral(walk: Walk, node: SyntaxNode, name: string, args: readonly SyntaxNode[]): void {
  if (!LITERALS_CHECKED.has(name) || node.op !== 'call' || args[0]?.op !== 'value' || args.length !== 1) return;
  try {
    walk.environment.evaluate(walk.text.slice(node.start, node.end));
  } catch {
    const message = `${walk.text.slice(node.start, node.end)} cannot be read`;
    fault(walk, 'GUARANTEE_EXPRESSION_LITERAL', message, ADVICE_OF_LITERAL[name] as string, args[0].start);
  }
}

/** A table is named by a literal, so that what a guarantee was compiled with is known when it is loaded. */
function checkTable(walk: Walk, node: SyntaxNode, args: readonly SyntaxNode[]): void {
  const name = stringLiteralOf(args[0]);
  if (name === null || walk.tables === undefined) {
    const advice = 'Write its name in double quotes, e.g. table("transit", event.data.from).';
    return fault(walk, 'GUARANTEE_UNKNOWN_TABLE', 'a table is named by a literal', advice, node.start);
  }
  const table = walk.tables.use(name);
  if (table === null) {
    const known = walk.tables.names();
    const advice = known.length > 0 ? suggest(name, known) : `Put tables/${name}.csv beside the guarantees.`;
    return fault(walk, 'GUARANTEE_UNKNOWN_TABLE', `there is no table \`${name}\``, advice, args[0]?.start ?? 0);
  }
  const most = table.columns.length - 1;
  if (args.length - 1 <= most) return;
  const message = `table \`${name}\` has the columns ${table.columns.join(', ')}: at most ${most} can be looked up by`;
  fault(walk, 'GUARANTEE_UNKNOWN_TABLE', message, 'Leave the last column for the answer.', node.start);
}

function fault(walk: Walk, code: string, message: string, advice: string, start: number): void {
  walk.faults.push({ code, message, advice, start });
}

/** "Did you mean `x`? Known: a, b, c." */
export function suggest(found: string, known: readonly string[]): string {
  const nearest = nearestName(found, known);
  return `${nearest === null ? '' : `Did you mean \`${nearest}\`? `}Known: ${known.join(', ')}.`;
}
