import type { Sql } from '#libs/persistence';
import { RULES_OF_SHARD, SAVE_RULES } from '../sql/applied-rules.js';
import type { AppliedRules } from './rules-event.js';
import { RulesInForce } from './rules-in-force.js';

const rulesNamed = (ruleset: string): AppliedRules => ({ eventId: ruleset, atMs: 1, ruleset, purchasing: null });

/** A table of one shard, with transactions that can be rolled back. */
class Table {
  committed: AppliedRules | null = null;
  asked = 0;

  begin(): { tx: Sql; commit: () => void } {
    let own = this.committed;
    const query = async (text: string, [, , , ruleset]: readonly unknown[]): Promise<unknown[]> => {
      if (text === SAVE_RULES) own = rulesNamed(String(ruleset));
      if (text !== RULES_OF_SHARD) return [];
      this.asked += 1;
      return own === null ? [] : [own];
    };
    return { tx: { query } as unknown as Sql, commit: () => (this.committed = own) };
  }
}

describe('by which rules a shard judges', () => {
  let table: Table;
  let rules: RulesInForce;
  beforeEach(() => ([table, rules] = [new Table(), new RulesInForce()]));
  const ask = async (): Promise<string | null> => (await rules.of(3, table.begin().tx))?.ruleset ?? null;

  it('is asked of the database once, and once more after the claim was lost', async () => {
    expect([await ask(), await ask(), table.asked]).toEqual([null, null, 1]);
    table.committed = rulesNamed('of another owner');
    rules.forget(3);
    expect([await ask(), await ask(), table.asked]).toEqual(['of another owner', 'of another owner', 2]);
  });

  it('is what the transaction has just put into force, and stays so when it commits', async () => {
    await ask();
    const { tx, commit } = table.begin();
    await rules.save(3, rulesNamed('new'), tx);
    expect((await rules.of(3, tx))?.ruleset).toBe('new');
    commit();
    expect(await ask()).toBe('new');
  });

  it('is what it was before when the transaction is rolled back, though it was read in it', async () => {
    table.committed = rulesNamed('old');
    await ask();
    const { tx } = table.begin();
    await rules.save(3, rulesNamed('new'), tx);
    expect((await rules.of(3, tx))?.ruleset).toBe('new');
    expect(await ask()).toBe('old');
  });
});
