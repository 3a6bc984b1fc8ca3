import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import type { CloudEvent, PromiseEventData } from '#libs/contracts';
import { loadMap } from '#libs/source-maps';
import { freePortBase, until } from '../e2e/infrastructure.js';
import { makegood, Stack } from './stack.js';

const ORDERS = resolve(import.meta.dirname, '../../../shared/data/olist/olist-orders.csv.gz');
const UNTIL = '2018-12-31T00:00:00-02:00';
const MAP = 'samples/olist-orders.map.yaml';

interface Report {
  readonly events: number;
  readonly promises: Record<string, Record<string, number>>;
  readonly compensations: readonly {
    guarantee: string;
    kind: string;
    currency: string | null;
    count: number;
    amountMinor: number;
  }[];
  readonly ledger: { readonly balanced: boolean };
  readonly deadLetters: number;
}

/** What "the same report" compares (contracts): promises but retracted, money, books, dead letters. */
function comparable(report: Report): unknown {
  const promises = Object.fromEntries(
    Object.entries(report.promises).map(([name, { retracted: _left, ...counts }]) => [name, counts]),
  );
  const money = report.compensations.filter(({ kind }) => ['refund', 'credit', 'voucher'].includes(kind));
  return { promises, money, balanced: report.ledger.balanced, deadLetters: report.deadLetters };
}

const EXPECTED = {
  promises: {
    'order-delivery': {
      opened: 30_152,
      kept: 25_374,
      breached: 3_536,
      completedLate: 1_807,
      excused: 0,
      cancelled: 1_242,
      open: 0,
    },
  },
  money: [{ guarantee: 'order-delivery', kind: 'refund', currency: 'BRL', count: 3_522, amountMinor: 8_865_845 }],
  balanced: true,
  deadLetters: 0,
};

function linesOf<T>(dir: string, topic: string): CloudEvent<T>[] {
  return readFileSync(join(dir, `${topic}.ndjson`), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as CloudEvent<T>);
}

/** What an answer of `guarantee backtest --json` holds of it. */
interface Backtest {
  readonly promises: Record<string, number>;
  readonly compensations: Report['compensations'];
}

/** In the form of `comparable`: a backtest has no books and no dead letters. */
function comparableBacktest({ promises, compensations }: Backtest): unknown {
  const guarantee = 'order-delivery';
  const refunds = compensations.filter(({ kind }) => kind === 'refund');
  const money = refunds.map((each) => ({ ...each, guarantee }));
  return { promises: { [guarantee]: promises }, money, balanced: true, deadLetters: 0 };
}

describe('the real orders of ../shared/data/olist', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'makegood-replay-'));
  chmodSync(scratch, 0o711); // PostgreSQL's user must get through to its data
  const dataDir = join(scratch, 'stack');
  const out = join(scratch, 'out');
  let portBase: number;
  const given = existsSync(ORDERS);
  /** Without the data these tests say that they did not run; the project's own samples run in demo.spec.ts. */
  const onOrders = (name: string, work: () => Promise<void>, withinMs?: number): void => {
    if (given) it(name, work, withinMs);
    else it(`skipped, no data here: ${name}`, () => console.log(`skipped: ${ORDERS} is not here`));
  };

  beforeAll(async () => void (portBase = await freePortBase()));
  afterAll(async () => {
    await makegood(['down', '--data-dir', dataDir]);
    rmSync(scratch, { recursive: true, force: true });
  }, 60_000);

  const report = (name: string): Report => JSON.parse(readFileSync(join(scratch, name), 'utf8')) as Report;

  const backtestOf = async (history: string, ...options: string[]): Promise<Backtest> => {
    const file = 'guarantees/order-delivery.yaml';
    const ran = await makegood(['guarantee', 'backtest', file, '--history', history, ...options, '--json']);
    return JSON.parse(ran.stdout) as Backtest;
  };

  onOrders('judged in memory, without a log or a database, they give the same', async () => {
    expect(comparableBacktest(await backtestOf(ORDERS, '--map', MAP))).toEqual(EXPECTED);
  });

  onOrders(
    'killed six times on the way, they still give the right answer, to the cent',
    async () => {
      const running = makegood(
        [
          'replay',
          ORDERS,
          '--map',
          MAP,
          '--until',
          UNTIL,
          '--report',
          join(scratch, 'r1.json'),
          '--out',
          out,
          '--data-dir',
          dataDir,
          '--port-base',
          String(portBase),
          '--keep',
        ],
        { withinMs: 400_000 },
      );
      const stack = Stack.at(dataDir, portBase);
      let ended = false;
      void running.then(() => (ended = true));
      let kills = 0;
      for (const victim of ['sla-timer', 'compensation', 'sla-timer', 'compensation', 'sla-timer', 'compensation']) {
        const opened = await until(
          'orders to flow',
          async () =>
            ended ||
            (existsSync(join(dataDir, 'admin.key'))
              ? ((await stack.http('sla-timer', '/promises?limit=1').catch(() => null))?.status ?? null) === 200 &&
                stack.pids()[victim]
              : null),
          120_000,
        );
        if (ended || !opened) break;
        const pid = stack.pids()[victim];
        stack.signal(victim, 'SIGKILL');
        kills += 1;
        await until(
          `${victim} to be back`,
          async () =>
            ended ||
            (stack.pids()[victim] !== pid &&
              (await stack.http(victim as 'sla-timer', '/health/live').catch(() => null))?.status === 200),
          60_000,
        );
      }
      const ran = await running;
      await stack.producer.close();
      await stack.reader.close();
      expect([ran.code, ran.code === 0 ? '' : ran.stderr]).toEqual([0, '']);
      expect(kills).toBe(6);
      expect(comparable(report('r1.json'))).toEqual(EXPECTED);
    },
    420_000,
  );

  onOrders('the owed lines are the right ones, each on the topic by one key', async () => {
    const last = new Map<string, PromiseEventData>();
    for (const { type, data } of linesOf<PromiseEventData>(out, 'makegood.promises.v1')) {
      if (!type.startsWith('makegood.promise.')) continue;
      if (data.sequence > (last.get(data.promiseId)?.sequence ?? 0)) last.set(data.promiseId, data);
    }
    const owed = [...last.values()]
      .filter(({ verdict }) => verdict === 'breached')
      .map(({ subject, base }) => `${subject} ${base['freight']?.amountMinor}\n`);
    expect(createHash('sha256').update(owed.sort().join('')).digest('hex')).toBe(
      '93393bb7f6ef5341c07a125a53aa93daa3659d7c24fd8ecec8b084d7b4a277b4',
    );
    const refunds = linesOf<{ idempotencyKey: string; promiseId: string }>(out, 'makegood.compensations.v1').filter(
      ({ type }) => type === 'makegood.refund.requested',
    );
    expect(new Set(refunds.map(({ data }) => data.idempotencyKey)).size).toBe(3_522);
    expect(new Set(refunds.map(({ data }) => data.promiseId)).size).toBe(3_522);
  });

  onOrders(
    'the log read again from its start gives the same promise events, byte for byte',
    async () => {
      const ran = await makegood(['verify', '--data-dir', dataDir, '--json'], { withinMs: 240_000 });
      expect(JSON.parse(ran.stdout)).toMatchObject({ passed: true, differences: [], unbalanced: [] });
      expect((JSON.parse(ran.stdout) as { events: number }).events).toBeGreaterThan(85_000);
    },
    260_000,
  );

  onOrders(
    'the same file a second time into the same stack changes nothing',
    async () => {
      const before = comparable(report('r1.json'));
      const ran = await makegood(
        [
          'replay',
          ORDERS,
          '--map',
          MAP,
          '--until',
          UNTIL,
          '--report',
          join(scratch, 'r2.json'),
          '--data-dir',
          dataDir,
          '--keep',
        ],
        { withinMs: 240_000 },
      );
      expect(ran.code).toBe(0);
      expect(comparable(report('r2.json'))).toEqual(before);
    },
    260_000,
  );

  onOrders(
    'one refunded order is explained: facts, rule and arithmetic, in words',
    async () => {
      const refund = linesOf<{ subject: string; amount: { amountMinor: number } }>(
        out,
        'makegood.compensations.v1',
      ).find(({ type }) => type === 'makegood.refund.requested');
      const ran = await makegood(['explain', String(refund?.subject), '--data-dir', dataDir]);
      expect(ran.code).toBe(0);
      const amount = ((refund?.data.amount.amountMinor ?? 0) / 100).toFixed(2);
      for (const word of ['shop.order.placed', 'guarantees/order-delivery.yaml', `${amount} BRL`, 'breached'])
        expect(ran.stdout).toContain(word);
    },
    60_000,
  );

  onOrders(
    'shuffled within each hour, every tenth event sent twice, fed as it is: the same report',
    async () => {
      await makegood(['down', '--data-dir', dataDir]);
      const [inOrder, shuffled] = [join(scratch, 'in-order.ndjson'), join(scratch, 'shuffled.ndjson')];
      const events = eventsOf(everyThirdOrder());
      writeFileSync(inOrder, events.map((event) => JSON.stringify(event)).join('\n'));
      writeFileSync(shuffled, shuffledWithinHours(events));
      const expected = await backtestOf(inOrder, '--until', UNTIL);
      expect(expected.promises['breached']).toBeGreaterThan(1_000);
      const ran = await makegood(
        [
          'replay',
          shuffled,
          '--until',
          UNTIL,
          '--as-is',
          '--report',
          join(scratch, 'r3.json'),
          '--port-base',
          String(portBase),
        ],
        { withinMs: 400_000 },
      );
      expect([ran.code, ran.code === 0 ? '' : ran.stderr]).toEqual([0, '']);
      expect(comparable(report('r3.json'))).toEqual(comparableBacktest(expected));
    },
    420_000,
  );
});

/** A third is enough for another order of arrival, and takes a third of the time. */
function everyThirdOrder(): Record<string, string>[] {
  const rows = parse(gunzipSync(readFileSync(ORDERS)).toString('utf8'), { columns: true }) as Record<string, string>[];
  return rows.filter((_, i) => i % 3 === 0);
}

function eventsOf(rows: readonly Record<string, string>[]): CloudEvent[] {
  const map = loadMap(readFileSync(resolve(import.meta.dirname, '../..', MAP), 'utf8'), MAP);
  return rows.flatMap((row, i) => map.events(row, i + 1).events ?? []);
}

/** In time order, but shuffled within each hour, and every tenth a second time: as an upstream might send. */
function shuffledWithinHours(events: readonly CloudEvent[]): string {
  let seed = 20_180_521;
  const random = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  return events
    .flatMap((event, i) => (i % 10 === 0 ? [event, event] : [event]))
    .map((event) => ({
      line: JSON.stringify(event),
      hour: Math.floor(Date.parse(event.time) / 3_600_000),
      dice: random(),
    }))
    .sort((a, b) => a.hour - b.hour || a.dice - b.dice)
    .map(({ line }) => line)
    .join('\n');
}
