import { isMap } from 'yaml';
import type { ActivatedFile } from '#libs/contracts';
import type { Problem } from '#libs/kernel';
import type { Guarantee } from '../guarantee.js';
import { checkShape } from './check-shape.js';
import { compileGuarantee, type CompiledGuarantee } from './compile-guarantee.js';
import { readYaml } from './read-yaml.js';
import { wholeGuaranteeSchema } from './schema/guarantee-schema.js';
import { familyOf } from './set/family.js';
import { ancestorsOf, inherited, rawGuarantee, type RawGuarantee } from './set/inherit.js';
import { SetTerms, type CompileSources, type TermsFile } from './set/set-terms.js';
import { SourceFile } from './source-file.js';

/** Most files of a set. */
const FILES_MAX = 500;

export type CompiledSet =
  | { readonly guarantees: Guarantee[]; readonly files: ActivatedFile[]; readonly problems?: undefined }
  | { readonly problems: Problem[]; readonly guarantees?: undefined; readonly files?: undefined };

/**
 * Compiles a set of guarantee files with the calendars, tables and zones that they use. The set is accepted whole, in
 * the order of name and version, or refused whole with every problem of every file, each with its place.
 * @param host what calendars are compiled from beside their text; those that come compiled need nothing
 * @returns `files`: all members, completed by what they were compiled to, and a zone for each that a guarantee uses;
 *   compiled from these again, everything gives the same, whatever tz data the host has
 */
export function compileGuarantees(files: readonly TermsFile[], host: CompileSources = {}): CompiledSet {
  if (files.length > FILES_MAX) {
    const detail = `the set has ${files.length} files, at most ${FILES_MAX} are allowed`;
    return { problems: [{ code: 'GUARANTEE_TOO_MANY', detail, advice: 'Leave out versions without open promises.' }] };
  }
  const set = new SetTerms(host);
  set.takeAll(files);
  const sources = files
    .filter(({ kind = 'guarantee' }) => kind === 'guarantee')
    .map(({ file, text }) => new SourceFile(file, text, (name) => set.knowsZone(name)));
  const raws = sources.flatMap((source) => {
    const root = readYaml(source);
    return isMap(root) ? rawGuarantee(source, root) : [];
  });
  const families = new Map<RawGuarantee, readonly RawGuarantee[]>();
  const compiled = raws.map((raw) => ({ raw, result: compileOne(raw, raws, set, families) }));
  refuseDuplicates(raws);
  const problems = distinct([...set.problems, ...sources.flatMap((source) => source.problems)]);
  if (problems.length > 0) return { problems };
  const guarantees = compiled.flatMap(({ raw, result }) =>
    result === null ? [] : { ...result.guarantee, family: familyOf(raw, families) },
  );
  return {
    guarantees: guarantees.sort((a, b) => compareText(a.name, b.name) || a.version - b.version),
    files: membersOf(compiled, set),
  };
}

function compileOne(
  raw: RawGuarantee,
  all: readonly RawGuarantee[],
  set: SetTerms,
  families: Map<RawGuarantee, readonly RawGuarantee[]>,
): CompiledGuarantee | null {
  const ancestors = ancestorsOf(raw, all);
  if (ancestors === null) return null;
  families.set(raw, ancestors);
  const root = inherited(raw, ancestors);
  checkShape(raw.source, root, wholeGuaranteeSchema, '', 0);
  if (raw.source.problems.length > 0) return null;
  return compileGuarantee(
    raw.source,
    root,
    set,
    ancestors.map(({ source }) => source.ownText),
  );
}

function refuseDuplicates(raws: readonly RawGuarantee[]): void {
  const first = new Map<string, string>();
  for (const { source, name, version } of raws) {
    const key = `${name} version ${version}`;
    const other = first.get(key);
    if (other === undefined) first.set(key, source.file);
    else {
      const advice = 'A change of the terms is a new version; the old file stays for the promises made under it.';
      const offset = Math.max(source.ownText.search(/^version:/m), 0);
      source.report('GUARANTEE_DUPLICATE_VERSION', `${key} is in ${other} already`, advice, offset);
    }
  }
}

function membersOf(
  compiled: readonly { readonly raw: RawGuarantee; readonly result: CompiledGuarantee | null }[],
  set: SetTerms,
): ActivatedFile[] {
  const zones = new Set(compiled.flatMap(({ result }) => result?.zonesUsed ?? []));
  const guarantees = compiled.flatMap(({ raw, result }): ActivatedFile[] => {
    if (result === null) return [];
    const { name, version, file, hash } = result.guarantee;
    return [{ kind: 'guarantee', name, version, file, text: raw.source.ownText, hash }];
  });
  const members = [...guarantees, ...set.members, ...[...zones].map((name) => set.zoneMember(name))];
  return members.sort((a, b) => compareText(a.kind, b.kind) || compareText(a.name, b.name) || a.version - b.version);
}

/** A mistake in a guarantee that others extend is found once for each of them, and told once. */
function distinct(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
