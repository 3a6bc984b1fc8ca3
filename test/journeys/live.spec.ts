import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { until } from '../e2e/infrastructure.js';
import { hotelEvent, Stack, type Seen } from './stack.js';

const LIMIT_MS = 5_000;
const HOUR_MS = 3_600_000;
const COMPENSATIONS = 'makegood.compensations.v1';
const PROMISES = 'makegood.promises.v1';

/** The shipped check-in promise with a clock short enough for a test. */
function shortGuarantees(): string {
  const dir = mkdtempSync(join(tmpdir(), 'makegood-guarantees-'));
  const shipped = readFileSync(resolve(import.meta.dirname, '../../guarantees/hotel-check-in.yaml'), 'utf8');
  expect(shipped).toContain('PT3M');
  writeFileSync(join(dir, 'hotel-check-in.yaml'), shipped.replace('within: PT3M', `within: PT${LIMIT_MS / 1_000}S`));
  return dir;
}

const about = (seen: readonly Seen[], subject: string): Seen[] => seen.filter((event) => event.subject === subject);

describe('a live stack whose services believe it is an hour later', () => {
  let stack: Stack;
  const guarantees = shortGuarantees();

  beforeAll(async () => {
    stack = await Stack.up({ guarantees, env: { MAKEGOOD_CLOCK_SKEW_MS: String(HOUR_MS) } });
  }, 180_000);
  afterAll(async () => {
    await stack.down();
    rmSync(guarantees, { recursive: true, force: true });
  }, 60_000);

  async function arrived(subject: string): Promise<number> {
    const arrivedAtMs = Date.now();
    const response = await stack.post(hotelEvent('hotel.guest.arrived', subject, arrivedAtMs));
    expect(response.status).toBe(202);
    return arrivedAtMs;
  }

  /** What was announced of a subject, once it is at least so much: the database knows a moment before the topic. */
  async function announcedOf(subject: string, atLeast: number): Promise<string[]> {
    return until(`${atLeast} announcements of ${subject}`, async () => {
      const types = about(await stack.topic(PROMISES), subject).map(({ type }) => type);
      return types.length >= atLeast ? types : null;
    });
  }

  it('a missed check-in is made good by itself: not before its due, and soon after', async () => {
    const dueAtMs = (await arrived('stay-missed')) + LIMIT_MS;
    await until('the last moment before due', () => Date.now() > dueAtMs - 300);
    expect(about(await stack.topic(COMPENSATIONS), 'stay-missed')).toEqual([]);
    const made = await until('apology and points', async () => {
      const lines = about(await stack.topic(COMPENSATIONS), 'stay-missed');
      return lines.length >= 2 ? lines : null;
    });
    expect(made.map(({ type }) => type).sort()).toEqual(['makegood.apology.requested', 'makegood.points.requested']);
    expect(made.find(({ type }) => type === 'makegood.points.requested')?.data).toMatchObject({
      points: 500,
      customer: 'guest-of-stay-missed',
    });
    for (const { appendedAtMs, time } of made) {
      expect(Date.parse(time)).toBe(dueAtMs);
      expect(appendedAtMs).toBeGreaterThan(dueAtMs);
      expect(appendedAtMs).toBeLessThan(dueAtMs + 3_000); // the goal is 1 s on a machine of one's own; CI's two cores are shared
    }
  }, 60_000);

  it('a check-in one second before due is kept', async () => {
    const arrivedAtMs = await arrived('stay-kept');
    await stack.post(
      hotelEvent(
        'hotel.guest.checked-in',
        'stay-kept',
        arrivedAtMs + LIMIT_MS - 1_000 > Date.now() ? Date.now() : arrivedAtMs + LIMIT_MS - 1_000,
      ),
    );
    await stack.promiseIn('stay-kept', ['kept']);
  }, 60_000);

  it('sla-timer away across the deadline, the check-in sent in time: kept, and no breach ever', async () => {
    stack.signal('sla-timer', 'SIGSTOP');
    let dueAtMs: number;
    try {
      const arrivedAtMs = await arrived('stay-away');
      dueAtMs = arrivedAtMs + LIMIT_MS;
      expect((await stack.post(hotelEvent('hotel.guest.checked-in', 'stay-away', Date.now()))).status).toBe(202);
      await arrived('stay-away-missed');
      await until('the deadlines to pass', () => Date.now() > dueAtMs + LIMIT_MS, 30_000);
    } finally {
      stack.signal('sla-timer', 'SIGCONT');
    }
    await stack.promiseIn('stay-away-missed', ['breached']); // everything before it in the log has been read
    await stack.promiseIn('stay-away', ['kept']);
    expect(await announcedOf('stay-away', 2)).toEqual(['makegood.promise.opened', 'makegood.promise.kept']);
  }, 90_000);

  it('kill -9 of every service in turn: each missed promise is made good exactly once', async () => {
    const subjects: string[] = [];
    for (const victim of ['sla-timer', 'compensation', 'loyalty', 'intake']) {
      for (let i = 0; i < 10; i++) subjects.push(`stay-${victim}-${i}`);
      await Promise.all(subjects.slice(-10).map((subject) => arrived(subject)));
      const pid = stack.pids()[victim];
      stack.signal(victim, 'SIGKILL');
      await until(
        `${victim} to be back`,
        async () =>
          stack.pids()[victim] !== pid &&
          (await stack.http(victim as 'intake', '/health/ready').catch(() => null))?.status === 200,
        60_000,
      );
    }
    const lines = await until(
      'all points',
      async () => {
        const points = (await stack.topic(COMPENSATIONS)).filter(
          ({ type, subject }) => type === 'makegood.points.requested' && subjects.includes(subject),
        );
        return new Set(points.map(({ subject }) => subject)).size === subjects.length ? points : null;
      },
      90_000,
    );
    const keys = new Map(
      lines.map(({ subject, data }) => [subject, (data as { idempotencyKey: string }).idempotencyKey]),
    );
    expect(new Set(lines.map(({ data }) => (data as { idempotencyKey: string }).idempotencyKey)).size).toBe(
      subjects.length,
    );
    expect(keys.size).toBe(subjects.length);
  }, 240_000);

  it('Kafka away: 503 and never a 202; back: it goes on by itself', async () => {
    stack.signal('broker', 'SIGSTOP');
    try {
      const refused = await stack.post(hotelEvent('hotel.guest.arrived', 'stay-no-kafka', Date.now(), 'no-kafka'));
      expect(refused.status).toBe(503);
      expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    } finally {
      stack.signal('broker', 'SIGCONT');
    }
    const accepted = await until(
      'a 202 again',
      async () => {
        const response = await stack
          .post(hotelEvent('hotel.guest.arrived', 'stay-kafka-back', Date.now()))
          .catch(() => null);
        return response?.status === 202 ? response : null;
      },
      60_000,
    );
    expect(await accepted.json()).toEqual({ accepted: 1, rejected: [] });
    await stack.promiseIn('stay-kafka-back', ['breached'], 120_000);
  }, 240_000);

  it('PostgreSQL away: nothing lost, nothing doubled', async () => {
    await Promise.all([1, 2, 3].map((i) => arrived(`stay-db-${i}`)));
    stack.signal('database', 'SIGKILL');
    await until(
      'all three to be breached',
      async () => {
        const states = await Promise.all(
          [1, 2, 3].map((i) => stack.promiseIn(`stay-db-${i}`, ['breached'], 1_000).catch(() => null)),
        );
        return states.every(Boolean);
      },
      120_000,
    );
    const points = await until(
      'points',
      async () => {
        const found = (await stack.topic(COMPENSATIONS)).filter(
          ({ type, subject }) => type === 'makegood.points.requested' && subject.startsWith('stay-db-'),
        );
        return found.length >= 3 ? found : null;
      },
      60_000,
    );
    expect(new Set(points.map(({ id }) => id)).size).toBe(3);
    const balances = await stack.json<{ balances: { balanceMinor: number }[] }>('compensation', '/ledger/balances');
    expect(balances.balances.reduce((sum, { balanceMinor }) => sum + balanceMinor, 0)).toBe(0);
  }, 240_000);

  it('intake away for more than 30 s across a deadline while the confirmation waits in ingress or is sent again: no breach', async () => {
    const arrivedAtMs = await arrived('stay-ingress');
    const resentAtMs = (await arrived('stay-resent')) + 1_000;
    await arrived('stay-canary');
    stack.signal('intake', 'SIGSTOP');
    try {
      const confirmation = hotelEvent('hotel.guest.checked-in', 'stay-ingress', Date.now());
      await stack.producer.send([
        { topic: 'makegood.ingress.v1', partition: 0, key: 'any', value: JSON.stringify(confirmation) },
      ]);
      await until('31 s without ticks', () => Date.now() > arrivedAtMs + 33_000, 60_000);
    } finally {
      stack.signal('intake', 'SIGCONT');
    }
    // Upstream could not reach us and sends again, within the grace.
    await until('the confirmation to be taken', async () => {
      const again = hotelEvent('hotel.guest.checked-in', 'stay-resent', resentAtMs, 'resent');
      return (await stack.post(again).catch(() => null))?.status === 202;
    });
    await stack.promiseIn('stay-ingress', ['kept'], 30_000);
    await stack.promiseIn('stay-resent', ['kept'], 30_000);
    await stack.promiseIn('stay-canary', ['breached'], 120_000); // the grace is over
    for (const subject of ['stay-ingress', 'stay-resent']) {
      expect(await announcedOf(subject, 2)).toEqual(['makegood.promise.opened', 'makegood.promise.kept']);
    }
  }, 240_000);
});
