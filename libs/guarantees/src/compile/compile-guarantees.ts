import type { Problem } from '#libs/kernel';
import type { Guarantee } from '../guarantee.js';
import { compileGuarantee } from './compile-guarantee.js';
import { SourceFile } from './source-file.js';

/** One file of a set: `file` is the name that its author knows it by, e.g. `guarantees/ems-express.yaml`. */
export interface GuaranteeFile {
  readonly file: string;
  readonly text: string;
}

/** Most files of a set. */
const FILES_MAX = 500;

export type CompiledSet =
  | { readonly guarantees: Guarantee[]; readonly problems?: undefined }
  | { readonly problems: Problem[]; readonly guarantees?: undefined };

/**
 * Compiles a set of guarantee files. The set is accepted whole, in the order of name and version, or refused whole
 * with every problem of every file, each with its place.
 */
export function compileGuarantees(files: readonly GuaranteeFile[]): CompiledSet {
  if (files.length > FILES_MAX) {
    const detail = `the set has ${files.length} files, at most ${FILES_MAX} are allowed`;
    return { problems: [{ code: 'GUARANTEE_TOO_MANY', detail, advice: 'Leave out versions without open promises.' }] };
  }
  const sources = files.map(({ file, text }) => new SourceFile(file, text));
  const compiled = sources.map((source) => ({ source, guarantee: compileGuarantee(source) }));
  const first = new Map<string, string>();
  for (const { source, guarantee } of compiled) {
    if (guarantee === null) continue;
    const key = `${guarantee.name} version ${guarantee.version}`;
    const other = first.get(key);
    if (other === undefined) first.set(key, source.file);
    else {
      const advice = 'A change of the terms is a new version; the old file stays for the promises made under it.';
      const offset = source.text.search(/^version:/m);
      source.report('GUARANTEE_DUPLICATE_VERSION', `${key} is in ${other} already`, advice, Math.max(offset, 0));
    }
  }
  const problems = sources.flatMap((source) => source.problems);
  if (problems.length > 0) return { problems };
  const guarantees = compiled.flatMap(({ guarantee }) => (guarantee === null ? [] : [guarantee]));
  return { guarantees: guarantees.sort((a, b) => compareText(a.name, b.name) || a.version - b.version) };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
