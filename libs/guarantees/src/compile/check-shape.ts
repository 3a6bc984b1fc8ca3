import { isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml';
import { suggest } from '../expressions/check-names.js';
import { checkText } from './check-text.js';
import type { SchemaNode } from './schema/node.js';
import type { SourceFile } from './source-file.js';

/** Reports everything in which a node differs from the language; `name` is the field that holds it. */
export function checkShape(source: SourceFile, node: unknown, schema: SchemaNode, name: string, offset: number): void {
  if (schema.type === undefined && schema.anyOf !== undefined && schema.anyOf.length > 0) {
    const form = schema.anyOf.find((each) => isForm(each, node));
    return form === undefined
      ? wrongForm(source, node, schema, name, offset)
      : checkShape(source, node, { ...form, examples: form.examples ?? schema.examples ?? [] }, name, offset);
  }
  if (schema.type === 'object') return checkMap(source, node, schema, name, offset);
  if (schema.type === 'array') return checkList(source, node, schema, name, offset);
  if (!isScalar(node)) return wrongType(source, node, schema, name, offset);
  const { value } = node;
  if (schema.type === 'integer') {
    if (typeof value !== 'number' || !Number.isInteger(value)) return wrongType(source, node, schema, name, offset);
    return checkRange(source, value, schema, name, startOf(node, offset));
  }
  if (schema.type === 'boolean') {
    if (value !== true) wrongType(source, node, schema, name, offset);
    return;
  }
  const kind = schema['x-kind'];
  if (kind === 'expression' || kind === 'duration-or-expression') {
    if (value === null || value === '') return wrongType(source, node, schema, name, offset);
    checkLength(source, String(value), schema, name, startOf(node, offset));
    if (kind === 'duration-or-expression' && looksLikeDuration(value)) {
      checkText(source, String(value), { ...schema, 'x-kind': 'duration' }, name, startOf(node, offset));
    }
    return;
  }
  if (typeof value !== 'string') return wrongType(source, node, schema, name, offset);
  checkString(source, value, schema, name, startOf(node, offset));
}

/** A list is told from a mapping and from a text by what it is. */
function isForm(schema: SchemaNode, node: unknown): boolean {
  if (schema.type === 'object') return isMap(node);
  return schema.type === 'array' ? isSeq(node) : isScalar(node) && typeof node.value === 'string';
}

/** ISO 8601 text, or what was meant to be, rather than an expression: no variable is called P3D or 3h. */
export function looksLikeDuration(value: unknown): boolean {
  return typeof value === 'string' && /^(P[\dT]|\d+ ?[a-z])/.test(value);
}

function checkMap(source: SourceFile, node: unknown, schema: SchemaNode, name: string, offset: number): void {
  if (!isMap(node)) return wrongType(source, node, schema, name, offset);
  const known = schema.properties ?? {};
  const seen = new Set<string>();
  for (const pair of node.items as Pair<Node, Node | null>[]) {
    const key = isScalar(pair.key) ? String(pair.key.value) : '';
    const at = startOf(pair.key, offset);
    seen.add(key);
    const child = Object.hasOwn(known, key) ? known[key] : schema.additionalProperties || undefined;
    if (child === undefined) reportUnknown(source, key, schema, name, at);
    else if (schema.properties === undefined && !/^[A-Za-z][A-Za-z0-9_]{0,59}$/.test(key)) {
      const advice = 'Names begin with a letter; letters, digits and _ follow.';
      source.report('GUARANTEE_BAD_NAME', `\`${key}\` cannot be a name in ${name}`, advice, at);
    } else checkShape(source, pair.value, child, key, at);
  }
  if (schema.maxProperties !== undefined && node.items.length > schema.maxProperties) {
    const message = `${name} has ${node.items.length} entries, at most ${schema.maxProperties} are allowed`;
    source.report('GUARANTEE_ENTRY_COUNT', message, 'Keep those that remedies or readers use.', startOf(node, offset));
  }
  for (const required of schema.required ?? []) {
    if (!seen.has(required)) reportMissing(source, required, known[required], name, firstKeyOf(node, offset));
  }
}

function checkList(source: SourceFile, node: unknown, schema: SchemaNode, name: string, offset: number): void {
  if (!isSeq(node)) return wrongType(source, node, schema, name, offset);
  const count = node.items.length;
  const [least, most] = [schema.minItems ?? 0, schema.maxItems ?? 100];
  if (count < least || count > most) {
    const message = `${name} has ${count} entries, ${least} to ${most} are allowed`;
    source.report('GUARANTEE_ENTRY_COUNT', message, `Give ${name} ${least} to ${most} entries.`, startOf(node, offset));
  }
  for (const item of node.items)
    checkShape(source, item, schema.items ?? {}, name, startOf(item, startOf(node, offset)));
}

function checkString(source: SourceFile, value: string, schema: SchemaNode, name: string, at: number): void {
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    const message = `${name} cannot be \`${value}\``;
    return source.report('GUARANTEE_WRONG_VALUE', message, suggest(value, schema.enum.map(String)), at);
  }
  if (value.trim() === '') {
    return source.report('GUARANTEE_WRONG_VALUE', `${name} is empty`, `Give ${name} a value.`, at);
  }
  if (checkLength(source, value, schema, name, at)) checkText(source, value, schema, name, at);
}

function checkLength(source: SourceFile, value: string, schema: SchemaNode, name: string, at: number): boolean {
  const most = schema.maxLength ?? 200;
  if (value.length <= most) return true;
  source.report(
    'GUARANTEE_TOO_LONG',
    `${name} has ${value.length} characters, at most ${most} are allowed`,
    'Shorten it.',
    at,
  );
  return false;
}

function checkRange(source: SourceFile, value: number, schema: SchemaNode, name: string, at: number): void {
  const [least, most] = [schema.minimum ?? 0, schema.maximum ?? Number.MAX_SAFE_INTEGER];
  if (value >= least && value <= most) return;
  const advice = `Write a whole number from ${least} to ${most}.`;
  source.report('GUARANTEE_WRONG_VALUE', `${name} cannot be ${value}`, advice, at);
}

function reportUnknown(source: SourceFile, key: string, schema: SchemaNode, name: string, at: number): void {
  const known = Object.keys(schema.properties ?? {});
  const where = name === '' ? 'a guarantee' : name;
  source.report('GUARANTEE_UNKNOWN_FIELD', `${where} has no field \`${key}\``, suggest(key, known), at);
}

function reportMissing(
  source: SourceFile,
  field: string,
  schema: SchemaNode | undefined,
  name: string,
  at: number,
): void {
  const where = name === '' ? 'the guarantee' : name;
  const example = schema?.enum?.[0] ?? schema?.examples?.[0];
  const advice = `Add \`${field}:\`${example === undefined ? '' : `, e.g. \`${field}: ${String(example)}\``}.`;
  source.report('GUARANTEE_MISSING_FIELD', `${where} needs \`${field}\``, advice, at);
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  object: 'a mapping (name: value)',
  array: 'a list ([a, b] or lines beginning with -)',
  string: 'text',
  integer: 'a whole number',
  boolean: 'true',
};

function wrongForm(source: SourceFile, node: unknown, schema: SchemaNode, name: string, offset: number): void {
  const forms = (schema.anyOf ?? []).map(({ type }) => TYPE_NAMES[String(type)] ?? 'a value');
  const wanted = `${forms.slice(0, -1).join(', ')} or ${forms.at(-1)}`;
  const example = schema.examples?.[0];
  const advice = example === undefined ? `Write ${wanted}.` : `Write e.g. \`${name}: ${String(example)}\`.`;
  const message = `${name} must be ${wanted}, but ${foundIn(node)} was found`;
  source.report('GUARANTEE_WRONG_TYPE', message, advice, startOf(node, offset));
}

function wrongType(source: SourceFile, node: unknown, schema: SchemaNode, name: string, offset: number): void {
  const wanted = schema['x-kind']?.endsWith('expression')
    ? 'an expression'
    : (TYPE_NAMES[String(schema.type)] ?? 'a value');
  const example = schema.examples?.[0];
  const advice = example === undefined ? `Write ${wanted}.` : `Write ${wanted}, e.g. \`${name}: ${String(example)}\`.`;
  const message = `${name === '' ? 'a guarantee file' : name} must be ${wanted}, but ${foundIn(node)} was found`;
  source.report('GUARANTEE_WRONG_TYPE', message, advice, startOf(node, offset));
}

function foundIn(node: unknown): string {
  if (isMap(node)) return 'a mapping';
  if (isSeq(node)) return 'a list';
  if (!isScalar(node) || node.value === null || node.value === '') return 'nothing';
  return `${typeof node.value === 'string' ? 'the text' : `the ${typeof node.value}`} ${String(node.value).slice(0, 40)}`;
}

export function startOf(node: unknown, otherwise: number): number {
  return (node as Scalar | null | undefined)?.range?.[0] ?? otherwise;
}

function firstKeyOf(node: YAMLMap, otherwise: number): number {
  return startOf((node.items[0] as Pair | undefined)?.key, startOf(node, otherwise));
}
