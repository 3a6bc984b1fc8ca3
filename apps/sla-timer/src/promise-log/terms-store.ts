import type { ActivatedFile, GuaranteesActivatedData } from '#libs/contracts';
import { compileGuarantees, type Guarantee } from '#libs/guarantees';
import type { Sql } from '#libs/persistence';
import { BY_HAND_TYPE, type Terms } from '#libs/promise-engine';
import { explainJudgement } from './explain-judgement.js';
import { LOAD_TERMS_FILES, LOAD_TERMS_SET, SAVE_TERMS_FILES, SAVE_TERMS_SET } from './sql.js';

/** Before the first activation nothing is promised. */
export const NO_TERMS: Terms = termsOf([], []);

/**
 * The terms at a shard's place in the log. They come from activation records of that log, are kept whole in the
 * database and compiled once per set: the same record gives every instance the same terms.
 */
export class TermsStore {
  private readonly compiled = new Map<string, Terms>();

  /** @param setHash null before the first activation. */
  async load(setHash: string | null, tx: Sql): Promise<Terms> {
    if (setHash === null) return NO_TERMS;
    const known = this.compiled.get(setHash);
    if (known) return known;
    const [set] = await tx.query<{ members: string }>(LOAD_TERMS_SET, [setHash]);
    if (!set) throw new Error(`the set of guarantees ${setHash} is not in the database`);
    const terms = termsOf(
      JSON.parse(set.members) as string[],
      compileAll(await tx.query<ActivatedFile>(LOAD_TERMS_FILES)),
    );
    this.compiled.set(setHash, terms);
    return terms;
  }

  /** Takes in an activation record: whole, or not at all. */
  async activate({ setHash, files }: GuaranteesActivatedData, tx: Sql): Promise<void> {
    const column = <K extends keyof ActivatedFile>(key: K): ActivatedFile[K][] => files.map((file) => file[key]);
    await tx.query(SAVE_TERMS_FILES, [
      column('kind'),
      column('name'),
      column('version'),
      column('file'),
      column('text'),
      column('hash'),
    ]);
    await tx.query(SAVE_TERMS_SET, [setHash, JSON.stringify(files.map(({ name, version }) => `${name}@${version}`))]);
  }
}

function compileAll(files: readonly ActivatedFile[]): Guarantee[] {
  const result = compileGuarantees(
    files.filter(({ kind }) => kind === 'guarantee').map(({ file, text }) => ({ file, text })),
  );
  if (result.problems)
    throw new Error(
      `activated guarantees do not compile: ${result.problems.map(({ code, detail }) => `${code} ${detail}`).join('; ')}`,
    );
  return result.guarantees;
}

function termsOf(members: readonly string[], known: readonly Guarantee[]): Terms {
  const byKey = new Map(known.map((guarantee) => [`${guarantee.name}@${guarantee.version}`, guarantee]));
  const active = members
    .flatMap((key) => byKey.get(key) ?? [])
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version - b.version));
  const types = new Set(active.flatMap(({ factTypes }) => [...factTypes]));
  return {
    active,
    pinned: (name, version) => byKey.get(`${name}@${version}`) ?? null,
    names: (type) => types.has(type) || type === BY_HAND_TYPE,
    disruptions: [],
    silences: [],
    explain: explainJudgement,
  };
}
