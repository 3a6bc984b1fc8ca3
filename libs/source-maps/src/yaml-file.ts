import { isNode, isPair, isScalar, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { z } from 'zod';
import { nearestName, ProblemError, type Problem } from '#libs/kernel';

/** A file that cannot be used: every problem in it, with its place. The first stands for all where only one fits. */
export class FileError extends ProblemError {
  constructor(readonly problems: readonly [Problem, ...Problem[]]) {
    super(problems[0]);
    this.message = problems.map(textOf).join('\n');
    this.name = 'FileError';
  }
}

export interface ReadFile<T> {
  readonly value: T;
  /** A problem at the value (or, with `offset`, at a character of a plain scalar) that stands at a path. */
  problemAt(path: readonly PropertyKey[], problem: Omit<Problem, 'at'>, offset?: number): Problem;
}

/**
 * Reads a YAML file against its schema. Unknown members are refused with the nearest right name.
 * @param code prefix of the problems' codes, e.g. `MAP`. @throws FileError
 */
export function readYaml<Schema extends z.ZodType>(
  text: string,
  file: string,
  schema: Schema,
  code: string,
): ReadFile<z.infer<Schema>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problemAt: ReadFile<unknown>['problemAt'] = (path, problem, offset = 0) => {
    const at = place(offsetOf(document, path) + offset);
    return { ...problem, at, pointer: `/${path.map(String).join('/')}` };
  };
  const broken = document.errors.map((error) => ({
    code: `${code}_SYNTAX`,
    detail: `well-formed YAML was expected: ${error.message}`,
    at: place(error.pos[0]),
  }));
  refuse(broken);
  const result = schema.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (result.success) return { value: result.data, problemAt };
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, schema, code));
  refuse(
    problems.map(({ path, isKey, ...problem }) => {
      const offset = isKey ? keyOffsetOf(document, path) : null;
      return offset === null ? problemAt(path, problem) : { ...problem, at: place(offset) };
    }),
  );
  throw new Error(`${file} was refused without a reason`);
}

/** @throws FileError when there is any problem. */
export function refuse(problems: readonly Problem[]): void {
  const [first, ...rest] = problems;
  if (first) throw new FileError([first, ...rest]);
}

interface Found extends Problem {
  readonly path: readonly PropertyKey[];
  /** The problem is the member's name, not its value. */
  readonly isKey?: boolean;
}

function problemsOf(issue: z.core.$ZodIssue, schema: z.ZodType, code: string): Found[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schemaAt(schema, issue.path));
    return issue.keys.map((key) => {
      const nearest = nearestName(key, known);
      const advice = `${nearest ? `Did you mean \`${nearest}\`? ` : ''}Known: ${known.join(', ')}.`;
      return {
        code: `${code}_UNKNOWN_FIELD`,
        detail: `there is no field \`${key}\` here`,
        advice,
        path: [...issue.path, key],
        isKey: true,
      };
    });
  }
  if (issue.code === 'invalid_union') {
    // The form that was meant is the one with which the fewest things are wrong, deepest inside.
    const depth = (issues: readonly z.core.$ZodIssue[]) => Math.max(...issues.map(({ path }) => path.length));
    const [meant] = [...issue.errors].sort((a, b) => depth(b) - depth(a) || a.length - b.length);
    if (meant)
      return meant.flatMap((inner) => problemsOf({ ...inner, path: [...issue.path, ...inner.path] }, schema, code));
  }
  const name = issue.path.length > 0 ? `\`${issue.path.map(String).join('.')}\`` : 'the file';
  const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  if (isMissing) return [{ code: `${code}_FIELD_MISSING`, detail: `${name} is missing`, path: issue.path }];
  return [{ code: `${code}_FIELD_INVALID`, detail: `${name}: ${issue.message}`, path: issue.path }];
}

function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | null {
  let at: z.ZodType | null = schema;
  for (const step of path) {
    at = bare(at);
    if (at instanceof z.ZodObject) at = (at.shape as Record<string, z.ZodType>)[String(step)] ?? null;
    else if (at instanceof z.ZodArray) at = at.element as z.ZodType;
    else if (at instanceof z.ZodRecord) at = at.valueType as z.ZodType;
    else return null;
  }
  return bare(at);
}

function bare(schema: z.ZodType | null): z.ZodType | null {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return bare(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodUnion) {
    const object = (schema.options as z.ZodType[]).find((option) => bare(option) instanceof z.ZodObject);
    return object ? bare(object) : schema;
  }
  return schema;
}

function knownKeys(schema: z.ZodType | null): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape as object) : [];
}

/** Where the value at a path begins; where there is none, its nearest ancestor. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as Node | undefined;
    if (isNode(node) && node.range) return node.range[0] + (isScalar(node) && /^QUOTE/.test(node.type ?? '') ? 1 : 0);
  }
  return 0;
}

function keyOffsetOf(document: Document, path: readonly PropertyKey[]): number | null {
  const holder = document.getIn(path.slice(0, -1), true) as { items?: unknown[] } | undefined;
  const name = path.at(-1);
  const pair = holder?.items?.find((item) => isPair(item) && isScalar(item.key) && item.key.value === name);
  return isPair(pair) && isNode(pair.key) && pair.key.range ? pair.key.range[0] : null;
}

function textOf({ code, detail, advice, at }: Problem): string {
  return `${at ? `${at.file}:${at.line}:${at.column}  ` : ''}${code}  ${detail}${advice ? ` → ${advice}` : ''}`;
}
