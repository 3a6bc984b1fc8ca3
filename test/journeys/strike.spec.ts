import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { PromiseEventData } from '#libs/contracts';
import { freePortBase, until } from '../e2e/infrastructure.js';
import { balancesOf, PayingFinance, refundsOf } from './paying-finance.js';
import { makegood, Stack } from './stack.js';

const ORDERS = resolve(import.meta.dirname, '../../../shared/data/olist/olist-orders.csv.gz');
const REPLAY = ['--map', 'samples/olist-orders.map.yaml', '--until', '2018-12-31T00:00:00-02:00'];
/** The truck drivers' strike of May 2018. */
const STRIKE = ['--from', '2018-05-21T00:00:00-03:00', '--to', '2018-06-01T00:00:00-03:00', '--reason', 'strike'];

interface Report {
  readonly promises: Record<string, Record<string, number>>;
  readonly compensations: readonly { kind: string; currency: string | null; count: number; amountMinor: number }[];
  readonly ledger: { readonly balanced: boolean };
}

const EXCUSED = { breached: 3_292, excused: 244, refunds: 3_283, amountMinor: 8_267_333, balanced: true };
const ANSWERED_FOR = { breached: 3_536, excused: 0, refunds: 3_522, amountMinor: 8_865_845, balanced: true };

function figures({ promises, compensations, ledger }: Report): typeof EXCUSED {
  const refunds = compensations.find(({ kind, currency }) => kind === 'refund' && currency === 'BRL');
  const counts = promises['order-delivery'] ?? {};
  return {
    breached: counts['breached'] ?? 0,
    excused: counts['excused'] ?? 0,
    refunds: refunds?.count ?? 0,
    amountMinor: refunds?.amountMinor ?? 0,
    balanced: ledger.balanced,
  };
}

describe('the strike of May 2018 among the real orders', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'makegood-strike-'));
  chmodSync(scratch, 0o711); // PostgreSQL's user must get through to its data
  const guarantees = join(scratch, 'guarantees');
  const stacks: Stack[] = [];
  const given = existsSync(ORDERS);
  const onOrders = (name: string, work: () => Promise<void>, withinMs: number): void => {
    if (given) it(name, work, withinMs);
    else it(`skipped, no data here: ${name}`, () => console.log(`skipped: ${ORDERS} is not here`));
  };

  beforeAll(() => {
    mkdirSync(guarantees);
    const text = readFileSync('guarantees/order-delivery.yaml', 'utf8');
    const longer = text.replace(/^( *correction:) .*$/m, '$1 P400D');
    expect(longer).toContain('correction: P400D');
    writeFileSync(join(guarantees, 'order-delivery.yaml'), longer);
  });
  afterAll(async () => {
    for (const stack of stacks) await stack.down();
    rmSync(scratch, { recursive: true, force: true });
  }, 120_000);

  async function replay(stack: Stack, file: string): Promise<Report> {
    const ran = await makegood(
      [
        'replay',
        file,
        ...(file === ORDERS ? REPLAY : []),
        ...['--guarantees', guarantees, '--data-dir', stack.dataDir, '--port-base', String(stack.portBase)],
        ...['--keep', '--json'],
      ],
      { withinMs: 400_000 },
    );
    expect([ran.code, ran.stderr]).toEqual([0, expect.any(String)]);
    return JSON.parse(ran.stdout) as Report;
  }

  async function started(name: string): Promise<Stack> {
    const stack = Stack.at(join(scratch, name), await freePortBase());
    stacks.push(stack);
    return stack;
  }

  async function command(stack: Stack, ...args: string[]): Promise<{ id: string; applied: boolean }> {
    const ran = await makegood([...args, '--data-dir', stack.dataDir, '--json']);
    expect([ran.code, ran.stderr]).toEqual([0, expect.any(String)]);
    return JSON.parse(ran.stdout) as { id: string; applied: boolean };
  }

  /** The report once every shard has applied a command and compensation has followed. */
  async function settled(stack: Stack, shards: (listed: { withdrawnAt: string | null; shards: number }) => boolean) {
    await until(
      'every shard to apply it',
      async () => {
        const { disruptions } = await stack.json<{ disruptions: { withdrawnAt: string | null; shards: number }[] }>(
          'sla-timer',
          '/disruptions',
        );
        return disruptions[0] !== undefined && shards(disruptions[0]);
      },
      60_000,
    );
    for (let quiet = 0; quiet < 3;) {
      const [timer, money] = await Promise.all([
        stack.json<{ drained: boolean }>('sla-timer', '/progress'),
        stack.json<{ drained: boolean }>('compensation', '/progress'),
      ]);
      quiet = timer.drained && money.drained ? quiet + 1 : 0;
    }
    const ran = await makegood(['replay', 'report', '--data-dir', stack.dataDir, '--json']);
    return JSON.parse(ran.stdout) as Report;
  }

  async function breachIds(stack: Stack): Promise<Map<string, string>> {
    const ids = new Map<string, string>();
    for (const { data } of await stack.topic('makegood.promises.v1')) {
      const { promiseId, breachId } = data as unknown as PromiseEventData;
      if (breachId === undefined) continue;
      expect(ids.get(promiseId) ?? breachId).toBe(breachId);
      ids.set(promiseId, breachId);
    }
    return ids;
  }

  /** Ids of promises by their newest verdict. */
  async function excusedPromises(stack: Stack): Promise<Set<string>> {
    const newest = new Map<string, PromiseEventData>();
    for (const event of await stack.topic('makegood.promises.v1')) {
      const data = event.data as unknown as PromiseEventData;
      if (data.promiseId && data.sequence > (newest.get(data.promiseId)?.sequence ?? 0))
        newest.set(data.promiseId, data);
    }
    return new Set(
      [...newest.values()].filter(({ verdict }) => verdict === 'excused').map(({ promiseId }) => promiseId),
    );
  }

  /** What the strike made of the refunds of orders that it excuses. */
  async function expectExcusedBooks(stack: Stack, paid: ReadonlySet<string>): Promise<void> {
    const excused = await excusedPromises(stack);
    const lines = [...(await refundsOf(stack))].filter(([, { promiseId }]) => excused.has(promiseId));
    const [settled, unsettled] = [lines.filter(([id]) => paid.has(id)), lines.filter(([id]) => !paid.has(id))];
    expect([settled.length > 50, unsettled.length > 50, lines.length]).toEqual([true, true, 239]);
    expect(unsettled.every(([, { cancelledBecause }]) => cancelledBecause === 'excused')).toBe(true);
    expect(settled.every(([, line]) => line.cancelledBecause === null && line.reversedMinor === line.amountMinor)).toBe(
      true,
    );
    const absorbed = settled.reduce((sum, [, { amountMinor }]) => sum + amountMinor, 0);
    expect(await balancesOf(stack)).toMatchObject({ expense: EXCUSED.amountMinor, 'false-breach': absorbed });
    const [lineId] = settled[0] as [string, unknown];
    const explained = await makegood(['explain', lineId, '--data-dir', stack.dataDir]);
    for (const word of ['reversed', 'absorbed', 'excused']) expect(explained.stdout).toContain(word);
  }

  onOrders(
    'declared after them, half of the refunds paid: it excuses, and withdrawn it does not, to the cent',
    async () => {
      const stack = await started('after');
      const [report, finance] = await Promise.all([replay(stack, ORDERS), PayingFinance.of(stack)]);
      await finance.leave();
      const isBooked = async () => (await stack.json<{ drained: boolean }>('compensation', '/progress')).drained;
      await until('all payments to be booked', isBooked);
      expect(figures(report)).toEqual(ANSWERED_FOR);
      const { id } = await command(stack, 'disruption', 'declare', ...STRIKE);
      const struck = figures(await settled(stack, ({ shards }) => shards === 12));
      expect(struck).toMatchObject({ breached: EXCUSED.breached, excused: EXCUSED.excused, balanced: true });
      await expectExcusedBooks(stack, finance.paid);
      const before = await breachIds(stack);

      await command(stack, 'disruption', 'withdraw', id);
      const again = figures(await settled(stack, ({ withdrawnAt }) => withdrawnAt !== null));
      expect(again).toMatchObject({ breached: ANSWERED_FOR.breached, excused: 0, balanced: true });
      expect(await balancesOf(stack)).toMatchObject({ expense: ANSWERED_FOR.amountMinor });
      const after = await breachIds(stack);
      expect(after).toEqual(before);
      expect(after.size).toBe(3_536);
    },
    600_000,
  );

  onOrders(
    'declared before them it gives the same',
    async () => {
      const stack = await started('before');
      const nothing = join(scratch, 'nothing.ndjson');
      writeFileSync(nothing, '');
      await replay(stack, nothing);
      await command(stack, 'disruption', 'declare', ...STRIKE);
      expect(figures(await replay(stack, ORDERS))).toEqual(EXCUSED);
    },
    600_000,
  );
});
