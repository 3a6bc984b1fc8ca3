import type { Environment } from '@marcbachmann/cel-js';
import { Duration } from '@marcbachmann/cel-js/evaluator';
import { serialize } from '@marcbachmann/cel-js/serialize';
import { describeDuration } from '#libs/kernel';
import type { ArithmeticStep } from '../remedy.js';
import { Amount } from './amount.js';
import { ExactNumber } from './exact-number.js';
import { exactText } from './exact-text.js';
import { callOf, childrenOf, type SyntaxNode } from './syntax-tree.js';

/** Steps told of one expression at most. */
const STEPS_MAX = 12;
const SIGNS: Readonly<Record<string, string>> = { '*': '×', '/': '÷', '+': '+', '-': '−' };
const PERIODS: Readonly<Record<string, string>> = { perStarted: 'started', perCompleted: 'completed' };

/**
 * The arithmetic of an expression, innermost operation first, with the values that it had: "2 d 3 h → 3 started days",
 * "3 × 8.00 EUR = 24.00 EUR". Of a choice only the branch that was taken.
 */
export function arithmeticOf(
  tree: SyntaxNode,
  environment: Environment,
): (context: Record<string, unknown>) => ArithmeticStep[] {
  const programs = new Map<SyntaxNode, ReturnType<Environment['parse']>>();
  const valueOf = (node: SyntaxNode, context: Record<string, unknown>): unknown => {
    const known = programs.get(node) ?? environment.parse(serialize(node as never));
    programs.set(node, known);
    return known(context);
  };
  return (context) => {
    const steps: ArithmeticStep[] = [];
    const visit = (node: SyntaxNode): void => {
      if (steps.length >= STEPS_MAX) return;
      if (node.op === '?:') return visitChoice(node);
      const call = callOf(node);
      if (call !== null && call.receiver !== null) return;
      for (const child of call === null ? childrenOf(node) : call.args) visit(child);
      const step = stepOf(node, (each) => valueOf(each, context));
      if (step !== null) steps.push(step);
    };
    const visitChoice = (node: SyntaxNode): void => {
      const [condition, then, otherwise] = node.args as [SyntaxNode, SyntaxNode, SyntaxNode];
      visit(valueOf(condition, context) === true ? then : otherwise);
    };
    visit(tree);
    return steps;
  };
}

function stepOf(node: SyntaxNode, valueOf: (node: SyntaxNode) => unknown): ArithmeticStep | null {
  const call = callOf(node);
  if (call !== null) return callStep(call.name, call.args.map(valueOf), () => valueOf(node));
  const sign = SIGNS[node.op];
  if (sign === undefined) return null;
  const [a, b] = (node.args as [SyntaxNode, SyntaxNode]).map(valueOf);
  const result = valueOf(node);
  if (!(result instanceof Amount) && !(result instanceof ExactNumber)) return null;
  return step(`${exactText(a)} ${sign} ${exactText(b)} = ${exactText(result)}`, { a, b, result });
}

function callStep(name: string, args: readonly unknown[], compute: () => unknown): ArithmeticStep | null {
  const [a, b] = args;
  const period = PERIODS[name];
  if (period !== undefined) {
    const count = compute();
    const [length, each] = [exactText(a), periodText(b)];
    return step(`${length} → ${String(count)} ${period} ${each}`, { length, count, each });
  }
  if (name === 'percent') {
    const result = compute();
    return step(`${exactText(b)} % of ${exactText(a)} = ${exactText(result)}`, { share: b, of: a, result });
  }
  if (name === 'rate') {
    const result = compute();
    return step(`rate ${String(a)} of ${exactText(b)}: ${exactText(result)}`, { rate: a, on: b, result });
  }
  if (name === 'min' && args.length === 2 && b instanceof Amount && a instanceof Amount) {
    const isReached = a.compare(b) > 0;
    const words = isReached
      ? `${exactText(a)} is more than the cap: ${exactText(b)}`
      : `cap ${exactText(b)} not reached`;
    return step(words, { amount: a, cap: b });
  }
  return null;
}

function periodText(period: unknown): string {
  const ms = period instanceof Duration ? Math.round(Number(period.valueOf())) : 0;
  return ms === 86_400_000 ? 'days' : ms === 3_600_000 ? 'hours' : `periods of ${describeDuration(ms)}`;
}

function step(text: string, values: Readonly<Record<string, unknown>>): ArithmeticStep {
  const args = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, exactText(value)]));
  return { text, args };
}
