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

export async function rulesOfShard(shard: number, tx: Sql): Promise<AppliedRules | null> {
  const [row] = await tx.query<AppliedRules>(RULES_OF_SHARD, [shard]);
  return row ?? null;
}

export async function latestRules(sql: Pick<Sql, 'query'>): Promise<AppliedRules | null> {
  const [row] = await sql.query<AppliedRules>(LATEST_RULES, []);
  return row ?? null;
}

export async function saveRules(shard: number, { eventId, atMs, ruleset, purchasing }: AppliedRules, tx: Sql) {
  await tx.query(SAVE_RULES, [shard, eventId, atMs, ruleset, purchasing && JSON.stringify(purchasing)]);
}
