import type { YAMLMap } from 'yaml';
import type { FactView } from '../../guarantee.js';
import type { CompiledExpression } from '../../expressions/compile-expression.js';
import { callOf, memberPathOf, type SyntaxNode } from '../../expressions/syntax-tree.js';
import type { TermsReader } from '../terms-reader.js';

/** A deadline that can only lie before its opening is a slip of the pen: `event.time - duration("1h")`, `duration("-1h")`. */
export function refuseBeforeOpening(
  reader: TermsReader,
  node: YAMLMap,
  field: string,
  { tree, text }: CompiledExpression<FactView, unknown>,
): void {
  if (!isOpeningLess(tree) && !isNegativeDuration(tree)) return;
  const advice = 'Due lies at the opening or after it: write + for -.';
  const message = `${field}: \`${text}\` lies before the opening`;
  reader.source.report('GUARANTEE_DUE_BEFORE_OPENING', message, advice, reader.offsetOf(node, field));
}

function isOpeningLess(tree: SyntaxNode): boolean {
  const [left, right] = Array.isArray(tree.args) ? (tree.args as SyntaxNode[]) : [];
  if (left === undefined || right === undefined || memberPathOf(left)?.names.join('.') !== 'event.time') return false;
  return tree.op === '-'
    ? isDuration(right) && !isNegativeDuration(right)
    : tree.op === '+' && isNegativeDuration(right);
}

const DURATIONS = new Set(['duration', 'minutes', 'hours', 'days']);

const isDuration = (node: SyntaxNode): boolean => DURATIONS.has(callOf(node)?.name ?? '');

function isNegativeDuration(node: SyntaxNode): boolean {
  const call = callOf(node);
  const argument = call !== null && isDuration(node) ? call.args[0] : undefined;
  if (argument === undefined) return false;
  return argument.op === '-_' || (argument.op === 'value' && /^-/.test(String(argument.args)));
}
