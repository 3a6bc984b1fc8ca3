import { isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import { nearestName } from '#libs/kernel';
import type { SourceText } from './source-text.js';

/** A text in a file with its place. */
export interface PlacedText {
  readonly text: string;
  readonly offset: number;
}

/** Reads the fields of a calendar file; what is wrong with them is reported where it stands. */
export class CalendarReader {
  constructor(readonly source: SourceText) {}

  report(map: YAMLMap, field: string, code: string, message: string, advice: string): void {
    this.source.report(code, message, advice, this.offsetOf(map, field));
  }

  /** Where a field's value stands; without one its name, or the mapping itself. */
  offsetOf(map: YAMLMap, field: string): number {
    const pair = pairsOf(map).find(({ key }) => keyText(key) === field);
    return startOf(pair?.value) ?? startOf(pair?.key) ?? startOf(map) ?? 0;
  }

  checkFields(map: YAMLMap, where: string, known: readonly string[], required: readonly string[]): void {
    for (const { key } of pairsOf(map)) {
      const name = keyText(key);
      if (known.includes(name)) continue;
      const message = `${where} has no field \`${name}\``;
      this.source.report('CALENDAR_UNKNOWN_FIELD', message, this.suggest(name, known), startOf(key) ?? 0);
    }
    for (const field of required) {
      if (map.has(field)) continue;
      this.source.report(
        'CALENDAR_MISSING_FIELD',
        `${where} needs \`${field}\``,
        `Add \`${field}:\`.`,
        startOf(map) ?? 0,
      );
    }
  }

  /** "Did you mean `x`? Known: a, b, c.", or `otherwise` instead of the list. */
  suggest(found: string, known: readonly string[], otherwise = `Known: ${known.join(', ')}.`): string {
    const nearest = nearestName(found, known);
    return nearest === null ? otherwise : `Did you mean \`${nearest}\`? ${otherwise}`;
  }

  exactly(map: YAMLMap, field: string, value: string): void {
    const found = this.text(map, field);
    if (found === null || found === value) return;
    this.report(
      map,
      field,
      'CALENDAR_FIELD_INVALID',
      `${field} cannot be \`${found}\``,
      `Write \`${field}: ${value}\`.`,
    );
  }

  /** A field that is text; null (reported, unless absent) for another. */
  text(map: YAMLMap, field: string): string | null {
    if (!map.has(field)) return null;
    const node = map.get(field, true) as unknown;
    if (isScalar(node) && typeof node.value === 'string' && node.value.trim() !== '') return node.value;
    this.report(map, field, 'CALENDAR_FIELD_INVALID', `${field} must be a text, but ${foundIn(node)} was found`, `Give \`${field}\` a text.`); // prettier-ignore
    return null;
  }

  map(map: YAMLMap, field: string): YAMLMap | null {
    if (!map.has(field)) return null;
    const node = map.get(field, true) as unknown;
    if (isMap(node)) return node;
    this.report(map, field, 'CALENDAR_FIELD_INVALID', `${field} must be a mapping (name: value), but ${foundIn(node)} was found`, 'See docs/calendars.md.'); // prettier-ignore
    return null;
  }

  /** The mappings of a list, or the one that stands alone. */
  maps(map: YAMLMap, field: string): YAMLMap[] {
    const nodes = this.listOrOne(map, field);
    return nodes.filter((node): node is YAMLMap => this.isKind(node, isMap(node), field, 'a mapping (name: value)'));
  }

  /** The texts of a list, or the one that stands alone, with their places. */
  texts(map: YAMLMap, field: string): PlacedText[] {
    return this.listOrOne(map, field).flatMap((node) => {
      const isText = isScalar(node) && typeof node.value === 'string';
      if (!this.isKind(node, isText, field, 'a text')) return [];
      return [{ text: String((node as { value?: unknown }).value), offset: startOf(node) ?? 0 }];
    });
  }

  private listOrOne(map: YAMLMap, field: string): unknown[] {
    if (!map.has(field)) return [];
    const node = map.get(field, true) as unknown;
    return isSeq(node) ? [...node.items] : [node];
  }

  private isKind(node: unknown, holds: boolean, field: string, wanted: string): boolean {
    if (holds) return true;
    const message = `${field} takes ${wanted}, but ${foundIn(node)} was found`;
    this.source.report('CALENDAR_FIELD_INVALID', message, 'See docs/calendars.md.', startOf(node) ?? 0);
    return false;
  }
}

export function pairsOf(map: YAMLMap): Pair<Node, Node | null>[] {
  return map.items as Pair<Node, Node | null>[];
}

export function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : '';
}

export function startOf(node: unknown): number | undefined {
  return (node as { range?: readonly number[] } | null | undefined)?.range?.[0];
}

function foundIn(node: unknown): string {
  if (isMap(node)) return 'a mapping';
  if (isSeq(node)) return 'a list';
  if (!isScalar(node) || node.value === null || node.value === '') return 'nothing';
  return `\`${String(node.value).slice(0, 40)}\``;
}
