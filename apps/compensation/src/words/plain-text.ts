import { CaseTag, ForTag, IfTag, Output, TypeGuards, type Expression, type Template, type Value } from 'liquidjs';
import type { Token } from 'liquidjs';

/** A template as one function of what it may say. @throws NotPlainError where only the library can tell. */
export type PlainText = (scope: object) => string;

/** What these functions do not cover: the library then renders the text, or says what is wrong with it. */
export class NotPlainError extends Error {}

type Scope = Readonly<Record<string, unknown>>;
type Eval = (scope: Scope) => unknown;
/** Of a text and the language that it is for. */
export type TextFilter = (value: string, locale: string) => string;

/**
 * The library walks a parsed template by generators, one for each name and each piece of text, which was a fifth of this
 * service in a wave. For the Liquid that letters consist of (texts, names, `if`, `case`, `for`, filters of our own) functions
 * say the same; a template with anything else stays with the library.
 *
 * @param own our filters by name
 * @returns null: not plain
 */
export function plainText(templates: readonly Template[], own: ReadonlyMap<string, TextFilter>): PlainText | null {
  try {
    return textOf(templates, own) as PlainText;
  } catch (error) {
    if (error instanceof NotPlainError) return null;
    throw error;
  }
}

type Say = (scope: Scope) => string;
type Own = ReadonlyMap<string, TextFilter>;

function textOf(templates: readonly Template[], own: Own): Say {
  const pieces = templates.map((template) => pieceOf(template, own));
  return (scope) => {
    let text = '';
    for (const piece of pieces) text += piece(scope);
    return text;
  };
}

function pieceOf(template: Template, own: Own): Say {
  if (template instanceof Output) return outputOf(template, own);
  if (template instanceof IfTag) return ifOf(template, own);
  if (template instanceof CaseTag) return caseOf(template, own);
  if (template instanceof ForTag) return forOf(template, own);
  if (!TypeGuards.isHTMLToken(template.token)) throw new NotPlainError();
  const text = template.token.getContent();
  return () => text;
}

function outputOf({ value }: Output, own: Own): Say {
  const last = value.filters.length - 1; // escapes
  const steps = value.filters.slice(0, last).map(({ name, args }) => {
    const filter = own.get(name);
    const [arg, ...more] = args;
    if (!filter || arg === undefined || Array.isArray(arg) || more.length > 0) throw new NotPlainError();
    return { filter, arg: tokenOf(arg) };
  });
  if (value.filters[last]?.raw !== false) throw new NotPlainError();
  const initial = expressionOf(value.initial);
  return (scope) => {
    let said = initial(scope);
    for (const { filter, arg } of steps) said = filter(said as string, arg(scope) as string);
    return typeof said === 'string' || typeof said === 'number' ? escaped(String(said)) : notPlain();
  };
}

function ifOf({ branches, elseTemplates }: IfTag, own: Own): Say {
  const cases = branches.map((branch) => ({ holds: valueOf(branch.value), text: textOf(branch.templates, own) }));
  const otherwise = textOf(elseTemplates ?? [], own);
  return (scope) => (cases.find(({ holds }) => isTruthy(holds(scope)))?.text ?? otherwise)(scope);
}

function caseOf({ value, branches, elseTemplates }: CaseTag, own: Own): Say {
  const subject = valueOf(value);
  const cases = branches.map((branch) => ({ values: branch.values.map(tokenOf), text: textOf(branch.templates, own) }));
  const otherwise = textOf(elseTemplates, own);
  return (scope) => {
    const wanted = scalar(subject(scope));
    const hit = cases.filter(({ values }) => values.some((each) => scalar(each(scope)) === wanted));
    return hit.length === 0 ? otherwise(scope) : hit.map(({ text }) => text(scope)).join('');
  };
}

function forOf({ variable, collection, hash, templates, elseTemplates }: ForTag, own: Own): Say {
  if (Object.keys(hash.hash).length > 0 || elseTemplates.length > 0) throw new NotPlainError();
  const elements = tokenOf(collection);
  const text = textOf(templates, own);
  return (scope) => {
    const list = elements(scope);
    if (!Array.isArray(list)) return notPlain();
    return list.map((element: unknown) => text({ ...scope, [variable]: element })).join('');
  };
}

function valueOf({ initial, filters: steps }: Value): Eval {
  if (steps.length > 0) throw new NotPlainError();
  return expressionOf(initial);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};
const COMPARISONS: Readonly<Record<string, (a: never, b: never) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
};

function expressionOf({ postfix }: Expression): Eval {
  const [left, right, operator, ...more] = postfix;
  if (left && !right) return tokenOf(left);
  const compare = operator && TypeGuards.isOperatorToken(operator) ? COMPARISONS[operator.operator] : undefined;
  if (!left || !right || !compare || more.length > 0) throw new NotPlainError();
  const [a, b] = [tokenOf(left), tokenOf(right)];
  return (scope) => compare(scalar(a(scope)) as never, scalar(b(scope)) as never);
}

function tokenOf(token: Token): Eval {
  if (TypeGuards.isNumberToken(token) || TypeGuards.isQuotedToken(token)) {
    const { content } = token;
    return () => content;
  }
  if (!TypeGuards.isPropertyAccessToken(token) || token.variable !== undefined) throw new NotPlainError();
  const names = token.props.map((prop) => {
    if (!TypeGuards.isWordToken(prop)) throw new NotPlainError();
    return prop.content;
  });
  return (scope) => {
    let found: unknown = scope;
    for (const name of names) {
      if (found === null || typeof found !== 'object' || !Object.hasOwn(found, name)) return notPlain();
      found = (found as Scope)[name];
    }
    return found === undefined ? notPlain() : found;
  };
}

function scalar(value: unknown): unknown {
  return value !== null && typeof value === 'object' ? notPlain() : value;
}

function notPlain(): never {
  throw new NotPlainError();
}

function isTruthy(value: unknown): boolean {
  return value !== false && value !== null;
}

function escaped(text: string): string {
  return /[&<>"']/.test(text) ? text.replaceAll(/[&<>"']/g, (char) => ESCAPES[char] as string) : text;
}
