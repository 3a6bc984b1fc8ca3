import { metricsRegistry } from '#libs/observability';
import { SelfCheckRunner, type CheckedPage, type SelfCheck } from './self-check.js';

const DAY_MS = 86_400_000;
const finding = (id: string) => ({ check: 'rows', id, found: '1', expected: '2', lookAt: `./makegood explain ${id}` });

/** 250 rows, two of which disagree until they are mended. */
class Rows implements SelfCheck {
  readonly bad = new Set([7, 240]);
  readonly asked: string[] = [];

  async page(cursor: string, limit: number): Promise<CheckedPage> {
    const from = Number(cursor || 0);
    this.asked.push(`${from}+${limit}`);
    const ids = Array.from({ length: Math.min(limit, 250 - from) }, (_, n) => from + n);
    const next = from + limit < 250 ? String(from + limit) : null;
    return { checked: ids.length, next, findings: ids.filter((n) => this.bad.has(n)).map((n) => finding(`r${n}`)) };
  }
}

function runner() {
  const rows = new Rows();
  const clock = { time: 12 * 3_600_000, nowMs: () => clock.time, sleep: async () => undefined };
  const told: object[] = [];
  const log = { error: (fields: object) => void told.push(fields), warn: () => undefined };
  return { rows, clock, told, checks: new SelfCheckRunner(rows, { ownedShards: () => [0] }, clock, log) };
}

const shown = async (): Promise<number> =>
  (await metricsRegistry.getSingleMetric('makegood_self_check_disagreements')?.get())?.values[0]?.value ?? 0;

it('looks at one page after the other, round and round, and shows what the last round found', async () => {
  const { rows, told, checks } = runner();
  for (let i = 0; i < 4; i++) await checks.turn();
  expect(rows.asked).toEqual(['0+100', '100+100', '200+100', '0+100']);
  expect(await shown()).toBe(2);
  expect(told).toContainEqual({ code: 'SELF_CHECK_DISAGREES', ...finding('r240') });
});

it('is an alarm until a whole round has found nothing', async () => {
  const { rows, checks } = runner();
  for (let i = 0; i < 3; i++) await checks.turn();
  rows.bad.clear();
  await checks.turn();
  expect(await shown()).toBe(2);
  for (let i = 0; i < 2; i++) await checks.turn();
  expect(await shown()).toBe(0);
});

it('looks at everything once a night', async () => {
  const { rows, clock, checks } = runner();
  await checks.turn();
  clock.time += DAY_MS;
  await checks.turn();
  expect(rows.asked).toEqual(['0+100', '0+500']);
  expect(await shown()).toBe(2);
  await checks.turn();
  expect(rows.asked.at(-1)).toBe('0+100');
});
