import type { ActivatedFile, GuaranteesActivatedData } from '#libs/contracts';
import { compileGuarantees, type Guarantee } from '#libs/guarantees';
import type { Sql } from '#libs/persistence';
import { BY_HAND_TYPE, type Terms } from '#libs/promise-engine';
import { loadTermsFiles, saveTermsFiles } from '#libs/service';
import { explainJudgement } from './explain-judgement.js';
import { LOAD_TERMS_SETS, SAVE_TERMS_SET } from './sql.js';

/** What promises of any shard are pinned to. */
export const SHARED_TABLES = ['terms_set', 'guarantee_file', 'guarantee_build', 'document_word'] as const;

/** Before the first activation nothing is promised. */
export const NO_TERMS: Terms = termsOf([], new Map());

/**
 * The terms at a shard's place in the log. They come from activation records of that log, are kept whole in the
 * database and compiled once per set: the same record gives every instance the same terms. What a promise pins is a
 * build: a guarantee's text with the calendars, tables and zones that it was activated with.
 */
export class TermsStore {
  private readonly compiled = new Map<string, Terms>();
  private readonly sets = new Map<string, readonly Guarantee[]>();

  /** @param setHash null before the first activation. */
  async load(setHash: string | null, tx: Sql): Promise<Terms> {
    if (setHash === null) return NO_TERMS;
    const known = this.compiled.get(setHash);
    if (known) return known;
    const builds = new Map<string, Guarantee>();
    for (const set of await tx.query<{ setHash: string; members: string }>(LOAD_TERMS_SETS)) {
      for (const guarantee of await this.compile(set, tx)) builds.set(guarantee.build, guarantee);
    }
    const active = this.sets.get(setHash);
    if (!active) throw new Error(`the set of guarantees ${setHash} is not in the database`);
    const terms = termsOf(active, builds);
    this.compiled.set(setHash, terms);
    return terms;
  }

  /** Takes in an activation record: whole, or not at all. */
  async activate({ setHash, files }: GuaranteesActivatedData, tx: Sql): Promise<void> {
    compileAll(files); // what does not compile is refused before anything is kept
    await saveTermsFiles(files, tx);
    await tx.query(SAVE_TERMS_SET, [setHash, JSON.stringify(files.map(({ hash }) => hash))]);
  }

  private async compile(set: { setHash: string; members: string }, tx: Sql): Promise<readonly Guarantee[]> {
    const known = this.sets.get(set.setHash);
    if (known) return known;
    const guarantees = compileAll(await loadTermsFiles(JSON.parse(set.members) as string[], tx));
    this.sets.set(set.setHash, guarantees);
    return guarantees;
  }
}

function compileAll(files: readonly ActivatedFile[]): readonly Guarantee[] {
  const result = compileGuarantees(files);
  if (result.problems)
    throw new Error(
      `activated guarantees do not compile: ${result.problems.map(({ code, detail }) => `${code} ${detail}`).join('; ')}`,
    );
  return result.guarantees;
}

function termsOf(active: readonly Guarantee[], builds: ReadonlyMap<string, Guarantee>): Terms {
  const types = new Set([BY_HAND_TYPE, ...active.flatMap(({ factTypes }) => [...factTypes])]);
  return {
    active: [...active].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version - b.version)),
    pinned: (name, version, build) => {
      const guarantee = builds.get(build);
      return guarantee?.name === name && guarantee.version === version ? guarantee : null;
    },
    names: (type) => types.has(type),
    disruptions: [],
    silences: [],
    explain: explainJudgement,
  };
}
