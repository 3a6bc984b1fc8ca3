import { isMap, isNode, isScalar, LineCounter, parseDocument, visit, type Pair, type YAMLMap } from 'yaml';
import { suggest } from '../../expressions/check-names.js';
import type { SourceFile } from '../source-file.js';

/** A guarantee file as read, before its terms are compiled. */
export interface RawGuarantee {
  readonly source: SourceFile;
  readonly root: YAMLMap;
  readonly name: string;
  readonly version: number;
  readonly extends: string | null;
}

export function rawGuarantee(source: SourceFile, root: YAMLMap): RawGuarantee {
  const given: unknown = root.get('extends');
  return {
    source,
    root,
    name: String(root.get('name')),
    version: Number(root.get('version')),
    extends: typeof given === 'string' ? given : null,
  };
}

/** A guarantee builds on at most so many others. */
const DEPTH_MAX = 10;

/** What each guarantee says itself, whatever it extends. */
const OWN_FIELDS = new Set(['apiVersion', 'kind', 'name', 'version', 'extends', 'family']);
/** Taken over whole or not at all: half a deadline of each would be nobody's. */
const WHOLE_FIELDS = new Set(['due', 'bands']);

/**
 * The guarantees that one extends, nearest first; null when a mistake was reported: one that is not there, or a circle.
 * Without a version the highest of that name counts.
 */
export function ancestorsOf(guarantee: RawGuarantee, all: readonly RawGuarantee[]): RawGuarantee[] | null {
  const ancestors: RawGuarantee[] = [];
  let current = guarantee;
  while (current.extends !== null) {
    const parent = find(current.extends, all);
    const node = guarantee.root.get('extends', true) as { range?: [number, number, number] } | undefined;
    const report = (code: string, message: string, advice: string): void =>
      guarantee.source.report(code, message, advice, node?.range?.[0] ?? 0);
    if (parent === null) {
      if (current !== guarantee) return null; // told of the one that it extends
      const known = [...new Set(all.map(({ name }) => name))].filter((name) => name !== guarantee.name);
      report(
        'GUARANTEE_UNKNOWN_PARENT',
        `extends: there is no guarantee \`${current.extends}\` in the set`,
        suggest(current.extends, known),
      );
      return null;
    }
    if (parent === guarantee || ancestors.includes(parent) || ancestors.length >= DEPTH_MAX) {
      const way = [guarantee, ...ancestors, parent].map(({ name, version }) => `${name}@${version}`).join(' → ');
      report('GUARANTEE_CYCLIC_EXTENDS', `extends goes round in a circle: ${way}`, 'Let one of them stand on its own.');
      return null;
    }
    ancestors.push(parent);
    current = parent;
  }
  return ancestors;
}

function find(reference: string, all: readonly RawGuarantee[]): RawGuarantee | null {
  const [name, version] = reference.split('@');
  const named = all.filter((each) => each.name === name && (version === undefined || String(each.version) === version));
  return named.reduce<RawGuarantee | null>(
    (best, each) => (best === null || each.version > best.version ? each : best),
    null,
  );
}

/** The guarantee with all that it takes over from those it extends; the child wins, lists are replaced. */
export function inherited(guarantee: RawGuarantee, ancestors: readonly RawGuarantee[]): YAMLMap {
  for (const { source } of ancestors) {
    const lines = new LineCounter();
    const document = parseDocument(source.ownText, { lineCounter: lines, prettyErrors: false });
    const shift = guarantee.source.append(source.file, source.ownText, lines);
    visit(document, (_key, node) => {
      if (isNode(node) && node.range) node.range = node.range.map((offset) => offset + shift) as typeof node.range;
    });
    if (isMap(document.contents)) takeOver(guarantee.root, document.contents, OWN_FIELDS);
  }
  return guarantee.root;
}

function takeOver(child: YAMLMap, parent: YAMLMap, except: ReadonlySet<string>): void {
  for (const pair of parent.items as Pair[]) {
    const key = isScalar(pair.key) ? String(pair.key.value) : '';
    if (except.has(key)) continue;
    const own = child.get(key, true) as unknown;
    if (!child.has(key)) child.items.push(pair as (typeof child.items)[number]);
    else if (isMap(own) && isMap(pair.value) && !WHOLE_FIELDS.has(key)) takeOver(own, pair.value, NOTHING);
  }
}

const NOTHING: ReadonlySet<string> = new Set();
