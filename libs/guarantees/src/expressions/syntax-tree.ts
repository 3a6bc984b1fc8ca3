/** A node of a parsed expression, as far as we look into it: `start` and `end` are offsets into its text. */
export interface SyntaxNode {
  readonly op: string;
  readonly args: unknown;
  readonly start: number;
  readonly end: number;
}

/** A member path such as `event.data.sender.id`: every name with the offset at which it stands. */
export interface MemberPath {
  readonly names: readonly string[];
  readonly starts: readonly number[];
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

/** The nodes directly below, in order of writing. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  return nodesIn(node.args);
}

function nodesIn(value: unknown): SyntaxNode[] {
  if (isNode(value)) return [value];
  return Array.isArray(value) ? value.flatMap(nodesIn) : [];
}

/** Names joined by dots, or by `["…"]` with a literal, from a variable on; null for any other expression. */
export function memberPathOf(node: SyntaxNode): MemberPath | null {
  if (node.op === 'id') return { names: [node.args as string], starts: [node.start] };
  if (node.op !== '.' && node.op !== '[]') return null;
  const [left, right] = node.args as [SyntaxNode, SyntaxNode | string];
  const key = node.op === '.' ? right : stringLiteralOf(right);
  const path = memberPathOf(left);
  if (path === null || typeof key !== 'string') return null;
  const start = node.op === '.' ? node.end - key.length : (right as SyntaxNode).start;
  return { names: [...path.names, key], starts: [...path.starts, start] };
}

/** The text of a string literal, else null. */
export function stringLiteralOf(value: unknown): string | null {
  return isNode(value) && value.op === 'value' && typeof value.args === 'string' ? value.args : null;
}

/** Name, arguments and receiver of a call `f(a)` or `r.f(a)`; null for any other node. */
export function callOf(node: SyntaxNode): { name: string; receiver: SyntaxNode | null; args: SyntaxNode[] } | null {
  if (node.op === 'call') {
    const [name, args] = node.args as [string, SyntaxNode[]];
    return { name, receiver: null, args };
  }
  if (node.op !== 'rcall') return null;
  const [name, receiver, args] = node.args as [string, SyntaxNode, SyntaxNode[]];
  return { name, receiver, args };
}
