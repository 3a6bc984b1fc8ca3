import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatInstant } from '#libs/kernel';
import type { Terminal } from '../terminal/terminal.js';
import { backtest } from './backtest.js';
import { calibrate } from './calibrate.js';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 0, 5, 12);
const GUARANTEE = `apiVersion: makegood/v1
kind: Guarantee
name: meal
version: 1
title: A meal within ten minutes, or a tenth back
promiseType: service
currency: EUR
timeZone: Europe/Berlin
effectiveFrom: 2030-01-01T00:00:00+01:00
opens: { on: meal.ordered, base: { price: event.data.price }, facts: { room: event.data.room } }
due: { within: PT10M }
evidence: { kept: [{ on: meal.served }], cancelled: [{ on: meal.sent-back }] }
remedies: [{ id: tenth, kind: refund, amount: "percent(base.price, 10)" }, { id: coffee, kind: points, points: 50 }]
`;

/** Served so many minutes after the order; null: never. */
function meal(n: number, servedAfterMin: number | null, room = 'garden'): object[] {
  const orderedMs = START_MS + n * MINUTE_MS;
  const event = (type: string, atMs: number, data: object) => ({
    specversion: '1.0',
    id: `${type}-${n}`,
    source: 'kitchen',
    type,
    subject: `meal-${n}`,
    time: formatInstant(atMs),
    data,
  });
  const ordered = event('meal.ordered', orderedMs, { room, price: { amountMinor: 1_005, currency: 'EUR' } });
  if (servedAfterMin === null) return [ordered];
  return [ordered, event('meal.served', orderedMs + servedAfterMin * MINUTE_MS, {})];
}

describe('a guarantee over a history', () => {
  let dir = '';
  let said: string[] = [];
  const terminal = {
    line: (text: string) => said.push(text),
    note: (text: string) => said.push(text),
    json: (value: unknown) => said.push(JSON.stringify(value)),
    paint: (_style: string, text: string) => text,
    busy: (_text: string, work: () => Promise<unknown>) => work(),
  } as unknown as Terminal;
  const past = (...events: object[]) => {
    const history = join(dir, 'history.ndjson');
    writeFileSync(history, events.map((event) => JSON.stringify(event)).join('\n'));
    return { history };
  };
  const answer = <T>(): T => JSON.parse(said.at(-1) as string) as T;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'past-'));
    said = [];
    writeFileSync(join(dir, 'meal.yaml'), GUARANTEE);
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const file = (): string => join(dir, 'meal.yaml');

  it('says what it would have kept, missed and cost, as if it had been in force', async () => {
    const meals = [meal(0, 10), meal(1, 11), meal(2, null), meal(3, 5)].flat();
    await backtest(file(), { ...past(...meals), until: '2026-02-01T00:00:00Z', json: true }, terminal);
    expect(answer()).toMatchObject({
      guarantee: 'meal',
      events: 7,
      promises: { opened: 4, kept: 2, breached: 2, completedLate: 1, open: 0 },
      compensations: [
        { kind: 'points', currency: 'XPT', count: 2, amountMinor: 100 },
        { kind: 'refund', currency: 'EUR', count: 2, amountMinor: 202 }, // 100.5 rounded half up, twice
      ],
      months: [{ month: '2026-01', opened: 4, breached: 2, amountMinor: { EUR: 202 } }],
      problems: 0,
    });
  });

  it('judges as of an instant: what is due then exactly is not yet missed', async () => {
    const asOf = async (minute: number): Promise<unknown> => {
      await backtest(
        file(),
        { ...past(...meal(0, null)), until: formatInstant(START_MS + minute * MINUTE_MS), json: true },
        terminal,
      );
      const { promises } = answer<{ promises: { open: number; breached: number } }>();
      return [promises.open, promises.breached];
    };
    expect([await asOf(10), await asOf(11)]).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  it('tells what could not count, and judges the rest', async () => {
    const [ordered] = meal(0, null);
    const noPrice = { ...ordered, id: 'other', subject: 'meal-9', data: { room: 'garden' } };
    const contradicting = { ...ordered, data: { room: 'hall', price: { amountMinor: 1, currency: 'EUR' } } };
    const events = past(ordered as object, contradicting, noPrice);
    await backtest(file(), { ...events, until: '2026-02-01T00:00:00Z', json: true }, terminal);
    expect(answer()).toMatchObject({ promises: { opened: 1, breached: 1 }, problems: 2 });
  });

  it('advises the shortest term that would have been kept often enough, apart by a fact', async () => {
    const garden = Array.from({ length: 19 }, (_, n) => meal(n, n + 1)).flat(); // 1 to 19 minutes
    const hall = Array.from({ length: 19 }, (_, n) => meal(100 + n, n < 15 ? 3 : null, 'hall')).flat();
    const options = { ...past(...garden, ...hall), until: '2026-02-01T00:00:00Z', json: true };
    await calibrate(file(), { ...options, reliability: '0.9', by: 'room' }, terminal);
    const { keys } = answer<{ keys: Record<string, unknown>[] }>();
    // Of 19 past ones the 18th in order covers 90 % of the next: 18 minutes, spoken in fives.
    expect(keys).toMatchObject([
      { key: 'garden', completed: 19, neverCompleted: 0, honestMs: 20 * MINUTE_MS, basis: 'own' },
      { key: 'hall', completed: 15, neverCompleted: 4, honestMs: null, basis: 'endless' },
    ]);
  });
});
