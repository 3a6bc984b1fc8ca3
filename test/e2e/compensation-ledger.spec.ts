import { MIGRATIONS } from '../../apps/compensation/src/migrations/index.js';
import { randomUUID } from 'node:crypto';
import type { Sql } from '#libs/persistence';
import { CompensationWorld } from './compensation-world.js';
import { testInfrastructure, type TestInfrastructure } from './infrastructure.js';

describe('the ledger in the database', () => {
  let infrastructure: TestInfrastructure;
  let world: CompensationWorld;
  beforeAll(async () => {
    infrastructure = await testInfrastructure();
    world = await CompensationWorld.open(infrastructure.databaseUrl);
  }, 120_000);
  afterAll(async () => {
    await world.database.close();
    await infrastructure.stop();
  }, 60_000);

  async function transfer(
    tx: Sql,
    entries: readonly [account: string, currency: string, amountMinor: number][],
  ): Promise<string> {
    const id = randomUUID();
    await tx.query('insert into ledger_transfer values ($1, $2, $3, $4)', [id, randomUUID(), 'requested', 1]);
    for (const [account, currency, amountMinor] of entries) {
      await tx.query(
        'insert into ledger_entry (transfer_id, account, currency, amount_minor) values ($1, $2, $3, $4)',
        [id, account, currency, amountMinor],
      );
    }
    return id;
  }

  it('takes a transfer that balances in each currency', async () => {
    const id = await world.database.transaction((tx) =>
      transfer(tx, [
        ['expense:g', 'EUR', 5],
        ['payable:r', 'EUR', -5],
        ['expense:g', 'XPT', 500],
        ['points:r', 'XPT', -500],
      ]),
    );
    expect(await world.database.query('select 1 from ledger_entry where transfer_id = $1', [id])).toHaveLength(4);
  });

  it('refuses at commit a transfer that does not', async () => {
    const one = world.database.transaction((tx) =>
      transfer(tx, [
        ['expense:g', 'EUR', 5],
        ['payable:r', 'EUR', -4],
      ]),
    );
    await expect(one).rejects.toThrow('LEDGER_UNBALANCED');
    const mixed = world.database.transaction((tx) =>
      transfer(tx, [
        ['expense:g', 'EUR', 5],
        ['payable:r', 'BRL', -5],
      ]),
    );
    await expect(mixed).rejects.toThrow('LEDGER_UNBALANCED');
  });

  it('refuses an entry added later to a transfer that balances', async () => {
    const id = await world.database.transaction((tx) =>
      transfer(tx, [
        ['expense:g', 'EUR', 5],
        ['payable:r', 'EUR', -5],
      ]),
    );
    const later = world.database.query(
      'insert into ledger_entry (transfer_id, account, currency, amount_minor) values ($1, $2, $3, 1)',
      [id, 'paid', 'EUR'],
    );
    await expect(later).rejects.toThrow('LEDGER_UNBALANCED');
  });

  it.each([
    'update ledger_entry set amount_minor = 0',
    'delete from ledger_entry',
    'truncate ledger_entry',
    'update ledger_transfer set reason = $$paid$$',
    'delete from ledger_transfer',
    'truncate ledger_transfer cascade',
  ])('refuses to %s', async (statement) => {
    await expect(world.database.query(statement)).rejects.toThrow('LEDGER_APPEND_ONLY');
  });

  it('refuses the same transfer twice', async () => {
    const id = randomUUID();
    const book = () => world.database.query('insert into ledger_transfer values ($1, $2, $3, $4)', [id, id, 'paid', 1]);
    await book();
    await expect(book()).rejects.toThrow('duplicate key');
  });

  describe('keeps together what belongs together, statement by statement', () => {
    const addEntitlement = (promiseId: string) =>
      world.database.query(
        `insert into entitlement (promise_id, breach_id, compensation_id, guarantee, guarantee_version, mode, subject, customer, parties,
           refs, sequence, owed) values ($1, $1, $1, 'g', 1, 'live', 's', 'c', '{}', '{}', 1, '[]')`,
        [promiseId],
      );
    const addLines = (...promiseIds: string[]) =>
      world.database.query(
        `insert into line (line_id, promise_id, remedy_id, n, kind, amount_minor, cancelled_minor, reversed_minor, paid_minor,
           absorbed_minor, state, line_sequence, beneficiary, issued_at_ms, details)
         select gen_random_uuid(), promise_id, 'r', 1, 'apology', 1, 0, 0, 0, 0, 'requested', 1, 'c', 0, '{}' from unnest($1::uuid[]) promise_id`,
        [promiseIds],
      );

    it('an entry with its transfer', async () => {
      const orphan = world.database.query(
        `insert into ledger_entry (transfer_id, account, currency, amount_minor)
         select transfer_id, 'paid', 'EUR', amount from unnest($1::uuid[]) transfer_id cross join unnest($2::bigint[]) amount`,
        [[randomUUID()], [5, -5]],
      );
      await expect(orphan).rejects.toMatchObject({ code: '23503', message: expect.stringMatching('no transfer') });
    });

    it('a line with its promise', async () => {
      const [known, unknown] = [randomUUID(), randomUUID()];
      await addEntitlement(known);
      await expect(addLines(known, unknown)).rejects.toMatchObject({ code: '23503' });
      await addLines(known);
      for (const statement of [
        'delete from entitlement',
        'update line set promise_id = gen_random_uuid()',
        'update entitlement set promise_id = gen_random_uuid()',
      ])
        await expect(world.database.query(statement)).rejects.toMatchObject({ code: expect.stringMatching(/^23/) });
      expect(await world.database.query('select from line where promise_id = $1', [known])).toHaveLength(1);
    });
  });

  it('may be migrated twice without harm', async () => {
    const made = await world.database.query('select name from schema_migration');
    await world.database.dataSource.runMigrations({ transaction: 'each' });
    expect(await world.database.query('select name from schema_migration')).toEqual(made);
    for (const { name } of MIGRATIONS.map((Migration) => new Migration())) expect(made).toContainEqual({ name });
  });
});
