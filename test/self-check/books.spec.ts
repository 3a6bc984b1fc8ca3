import { createHash } from 'node:crypto';
import { TOPICS } from '#libs/contracts';
import { createProcessor } from '../../apps/compensation/src/compensation-processor.js';
import { MIGRATIONS } from '../../apps/compensation/src/migrations/index.js';
import { BooksCheck } from '../../apps/compensation/src/self-check/books-check.js';
import { findDrift } from '../../apps/compensation/src/ledger/self-check.js';
import { GuaranteeTerms } from '../../apps/compensation/src/terms/guarantee-terms.js';
import { TemplateLibrary } from '../../apps/compensation/src/words/template-library.js';
import { promiseStep, TERMS } from '../parked/promise-step.js';
import { ServiceInMemory } from '../parked/service-in-memory.js';

describe('entitlements from verdicts, balances from entries', () => {
  let world: ServiceInMemory;
  beforeAll(async () => {
    const settings = { shardCount: 1, routeByDefault: 'topic', hasPayouts: false, isLive: true };
    const processor = createProcessor(new GuaranteeTerms(), TemplateLibrary.read('templates'), settings);
    world = await ServiceInMemory.open('compensation', processor, MIGRATIONS);
    await world.pg.query('insert into guarantee_file values ($1, $2, 1, $3, $4, $5)', [
      ...['guarantee', 'parcel', 'guarantees/parcel.yaml', TERMS],
      createHash('sha256').update(TERMS).digest('hex'),
    ]);
    const steps = Array.from({ length: 12 }, (_, n) => {
      const breached = promiseStep('breached', `P-${n}`, `C-${n % 4}`, 2);
      const late = promiseStep('completed-late', `P-${n}`, `C-${n % 4}`, 3, { latenessMs: 7_200_000 });
      const kept = promiseStep('retracted', `P-${n}`, `C-${n % 4}`, 4, { verdict: 'kept' });
      return n % 3 === 0 ? [breached] : n % 3 === 1 ? [breached, late] : [breached, late, kept];
    });
    await world.read(TOPICS.promises, ...steps.flat());
  }, 60_000);
  afterAll(() => world.pg.close());

  async function all(pageRows: number) {
    const check = new BooksCheck(world.database, new GuaranteeTerms());
    const findings: { check: string; id: string; found: string; expected: string; lookAt: string }[] = [];
    let checked = 0;
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Awaited<ReturnType<typeof check.page>> = await check.page(cursor, pageRows, () => true);
      findings.push(...page.findings);
      checked += page.checked;
      cursor = page.next;
    }
    return { findings, checked };
  }

  /** Whatever the database itself would refuse is altered past it. */
  async function alter(text: string): Promise<void> {
    await world.pg.exec(`set session_replication_role = replica; ${text}; set session_replication_role = origin`);
  }

  it('finds nothing where nothing was altered', async () => {
    expect(await all(500)).toEqual({ findings: [], checked: 12 });
    expect(await all(5)).toEqual({ findings: [], checked: 12 });
    expect(new Set(Object.values(await findDrift(world.database)))).toEqual(new Set([0]));
  });

  it('finds what is owed altered, by the verdict it follows from', async () => {
    const [row] = await world.rows<{ id: string; owed: string }>(
      `select promise_id as id, owed from entitlement where owed like '%2200%' and jsonb_array_length(owed::jsonb) = 1 limit 1`,
    );
    await alter(`update entitlement set owed = replace(owed, '2200', '2300') where promise_id = '${row!.id}'`);
    const { findings } = await all(500);
    expect(findings).toContainEqual({
      ...{ check: 'entitlement-from-verdict', id: row!.id, lookAt: `./makegood explain ${row!.id}` },
      ...{ found: 'postage: refund 2300 EUR', expected: 'postage: refund 2200 EUR' },
    });
    expect(findings.map(({ check }) => check)).toContain('lines-from-entitlement');
    await alter(`update entitlement set owed = replace(owed, '2300', '2200') where promise_id = '${row!.id}'`);
  });

  it('finds a line altered, by its entries and by what is owed', async () => {
    const [row] = await world.rows<{ id: string }>(`select line_id as id from line where state = 'requested' limit 1`);
    await alter(`update line set amount_minor = amount_minor + 100 where line_id = '${row!.id}'`);
    expect((await all(500)).findings.map(({ check }) => check).sort()).toEqual([
      ...['balance-from-entries', 'lines-from-entitlement'],
    ]);
    expect(await findDrift(world.database)).toMatchObject({ linesUnlikeEntries: 1, promisesUnlikeLines: 1 });
    await alter(`update line set amount_minor = amount_minor - 100 where line_id = '${row!.id}'`);
  });

  it('finds an entry of the ledger altered, with the line it belongs to and the currency that does not sum to zero', async () => {
    const [row] = await world.rows<{ entryId: number; lineId: string }>(
      `select entry_id as "entryId", line_id as "lineId" from ledger_entry join ledger_transfer using (transfer_id)
       join line using (line_id) where account like 'payable:%' and state = 'requested' limit 1`,
    );
    await alter(`update ledger_entry set amount_minor = amount_minor + 1 where entry_id = ${row!.entryId}`);
    expect((await all(500)).findings).toEqual([
      expect.objectContaining({ check: 'balance-from-entries', id: row!.lineId }),
    ]);
    expect(await findDrift(world.database)).toMatchObject({ currenciesUnbalanced: 1, linesUnlikeEntries: 1 });
    await alter(`update ledger_entry set amount_minor = amount_minor - 1 where entry_id = ${row!.entryId}`);
    expect((await all(500)).findings).toEqual([]);
  });
});
