import type { Sql } from '#libs/persistence';
import type { ModelSettings } from '#libs/signals';
import { LATEST_RULES, RULES_OF_SHARD, SAVE_RULES } from '../sql/applied-rules.js';
import type { AppliedRules } from './rules-event.js';

/** One object for one name of settings: what is derived from settings is kept by object. */
const known = new WeakMap<ModelSettings, Map<string, ModelSettings>>();

/** The settings of signals.yaml with what was put into force since. */
export function settingsUnder(file: ModelSettings, applied: AppliedRules | null): ModelSettings {
  if (!applied?.purchasing || applied.ruleset === null) return file;
  const { eventId, ruleset, purchasing } = applied;
  const derived = known.get(file) ?? new Map<string, ModelSettings>();
  known.set(file, derived);
  let settings = derived.get(eventId);
  if (!settings) {
    const { rules } = file;
    settings = { ...file, rules: { ...rules, ruleset, behaviour: { ...rules.behaviour, purchasing } } };
    derived.set(eventId, settings);
  }
  return settings;
}

export async function latestRules(sql: Pick<Sql, 'query'>): Promise<AppliedRules | null> {
  const [row] = await sql.query<AppliedRules>(LATEST_RULES, []);
  return row ?? null;
}

/**
 * By which rules each shard judges: asked of the database once a claim. Nobody else can put others into force while it holds,
 * since rules come by the shard's own records, behind the fence of their transaction.
 */
export class RulesInForce {
  private readonly known = new Map<number, AppliedRules | null>();
  /** Transactions that put rules into force: what they read may be rolled back, and is not remembered. */
  private readonly changing = new WeakSet<Sql>();

  async of(shard: number, tx: Sql): Promise<AppliedRules | null> {
    const known = this.known.get(shard);
    if (known !== undefined) return known;
    const [row = null] = await tx.query<AppliedRules>(RULES_OF_SHARD, [shard]);
    if (!this.changing.has(tx)) this.known.set(shard, row);
    return row;
  }

  async save(shard: number, { eventId, atMs, ruleset, purchasing }: AppliedRules, tx: Sql): Promise<void> {
    this.known.delete(shard);
    this.changing.add(tx);
    await tx.query(SAVE_RULES, [shard, eventId, atMs, ruleset, purchasing && JSON.stringify(purchasing)]);
  }

  /** The claim is new or gone: others may have put rules into force. */
  forget(shard: number): void {
    this.known.delete(shard);
  }
}
