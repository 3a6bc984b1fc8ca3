import { partitionOf, TOPICS, type CloudEvent } from '#libs/contracts';
import { formatInstant } from '#libs/kernel';
import { until } from './infrastructure.js';
import { kindsOf, type TimerWorld } from './timer-world.js';
import { GUARANTEE, last, promiseOf, Traps, type At } from './traps.js';

/** What people do about promises, over HTTP and through the log, with intake copying what concerns every shard. */
let traps: Traps;
let world: TimerWorld;
let at: At;
beforeAll(async () => {
  traps = await Traps.set();
  world = traps.world;
  await world.start('intake');
  at = await traps.morning();
  await world.json('sla-timer', '/guarantees', { files: [{ file: 'guarantees/trap.yaml', text: GUARANTEE }] });
  const openings = ['by-hand', 'decided', 'north', 'letter'].map((name) => traps.opened(name, at(9), at(10)));
  await world.facts(openings, at(9));
  await world.ticks(at(9, 1), at(9, 30));
  await world.drained(['sla-timer']);
}, 180_000);
afterAll(() => world.close(), 60_000);

const say = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
  const response = await world.http('sla-timer', path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers,
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

it('a fact by hand counts, under the name of the key and once', async () => {
  const path = `/promises/${promiseOf('by-hand')}/facts`;
  const fact = { as: 'kept', occurredAt: formatInstant(at(9, 20)), reason: 'seen with my own eyes' };
  const entered = await say(path, fact);
  expect(entered).toMatchObject({ status: 200, body: { applied: true } });
  expect(await say(path, { as: 'kept', occurredAt: formatInstant(at(9)) })).toMatchObject({ status: 400 });
  await world.drained(['sla-timer']);
  expect(last(await world.said('by-hand'))).toMatchObject({ verdict: 'kept', completedAt: formatInstant(at(9, 20)) });
  const detail = await world.json<{ facts: { source: string; data: { by: string } }[]; wouldChange: { text: string } }>(
    'sla-timer',
    `/promises/${promiseOf('by-hand')}`,
  );
  expect(detail.facts.find(({ source }) => source === 'makegood/operator')?.data.by).toMatch(/^[0-9a-f]{12}$/);
  expect(detail.wouldChange.text).toContain('Missed, had it happened');
}, 60_000);

it('what is unknown is decided by hand, and nothing else is', async () => {
  const path = `/promises/${promiseOf('decided')}/decide`;
  expect(await say(path, { verdict: 'excused', reason: 'early' })).toMatchObject({ status: 409 });
  await world.ticks(at(9, 31), at(10, 20), { silent: [{ source: 'trap/scanner' }] });
  await world.drained(['sla-timer']);
  expect(kindsOf(await world.said('decided')).at(-1)).toBe('unknown');
  expect(await say(path, { verdict: 'cancelled', reason: 'the customer called' })).toMatchObject({ status: 200 });
  await world.drained(['sla-timer']);
  expect(last(await world.said('decided')).verdict).toBe('cancelled');
}, 60_000);

it('a disruption excuses where its scope holds, and not once it is withdrawn', async () => {
  await world.ticks(at(10, 21), at(11));
  await world.drained(['sla-timer']);
  expect(last(await world.said('north')).verdict).toBe('breached');
  const storm = { from: formatInstant(at(9, 50)), to: formatInstant(at(12)), reason: 'storm' };
  const wrong = await say('/disruptions', { ...storm, scope: 'fatcs.region == "north"' });
  expect(wrong).toMatchObject({ status: 422, body: { code: 'DISRUPTION_SCOPE_INVALID' } });
  const key = { 'idempotency-key': 'storm-1' };
  const declared = await say('/disruptions', { ...storm, scope: 'facts.region == "north"' }, key);
  expect(declared).toMatchObject({ status: 200, body: { applied: true } });
  expect((await say('/disruptions', { ...storm, scope: 'facts.region == "north"' }, key)).body).toEqual(declared.body);
  await world.drained(['sla-timer']);
  const excused = last(await world.said('north'));
  expect(excused).toMatchObject({ verdict: 'excused', excuse: 'weather', disruption: declared.body['id'] });
  const report = await world.json<{ attainment: object[] }>('sla-timer', '/attainment?guarantee=trap&by=region,month');
  expect(report.attainment).toMatchObject([{ by: { region: 'north' }, kept: 1, cancelled: 1 }]);
  await world.http('sla-timer', `/disruptions/${String(declared.body['id'])}`, { method: 'DELETE', body: '{}' });
  await world.drained(['sla-timer']);
  const again = last(await world.said('north'));
  expect(again).toMatchObject({ verdict: 'breached', breachId: excused.breachId });
}, 60_000);

it('a rebase shows what it would change, and changes nothing where there is nothing', async () => {
  const run = await say('/rebase', { guarantee: 'trap', dryRun: true });
  expect(run).toMatchObject({ status: 200, body: { guarantee: 'trap', changed: 0, money: {} } });
  expect(await say('/rebase', { guarantee: 'trapp' })).toMatchObject({ status: 404 });
  expect(await say('/rebase', { guarantee: 'trap' })).toMatchObject({ status: 200, body: { applied: true } });
}, 60_000);

it('a letter is listed, holds its promise back, and is discarded with a reason', async () => {
  const broken = { ...traps.fact('trap.done', 'letter', at(9, 40)), data: 'no object' };
  const partition = partitionOf('letter', 12);
  await world.producer.send([
    { topic: TOPICS.ingress, partition, key: 'letter', value: JSON.stringify(broken), timestampMs: at(11) },
  ]);
  const letter = await until('the letter to be listed', async () => {
    const { letters } = await world.json<{ letters: { id: string; reason: string; status: string }[] }>(
      'intake',
      '/dlq?subject=letter',
    );
    return letters[0];
  });
  expect(letter).toMatchObject({ reason: 'FIELD_INVALID', status: 'open' });
  const open = { count: 1, byReason: [{ service: 'intake', reason: 'FIELD_INVALID', count: 1 }] };
  expect(await world.json<object>('intake', '/dlq')).toMatchObject({ open });
  expect(await world.json<object>('intake', '/health')).toMatchObject({ deadLetters: open });
  const told = async (): Promise<CloudEvent[]> =>
    (await world.topic(TOPICS.events)).filter(({ type }) => type === 'makegood.letter');
  await until('sla-timer to be told', async () => (await told()).some(({ data }) => data['status'] === 'open'));
  const discarded = await world.json<object>('intake', `/dlq/${letter.id}/discard`, { reason: 'a test of theirs' });
  expect(discarded).toMatchObject({ status: 'discarded', applied: true });
  expect((await told()).map(({ data }) => data)).toContainEqual({ id: letter.id, status: 'discarded' });
}, 60_000);

it('an opening carries what is known of its customer', async () => {
  const updated = traps.fact('customer.updated', 'c-known', at(9), {
    data: { customer: 'c-known', segment: 'gold', timeZone: 'Europe/Berlin' },
  });
  const opening = traps.opened('known', at(9), at(10)); // promised to c-known
  const headers = { 'content-type': 'application/cloudevents+json' };
  for (const event of [updated, opening]) {
    const response = await world.http('intake', '/events', { method: 'POST', body: JSON.stringify(event), headers });
    expect([response.status, await response.json()]).toEqual([202, { accepted: 1, rejected: [] }]);
  }
  const seen = await until('the opening to be in the log', async () =>
    (await world.topic(TOPICS.events)).find(({ id }) => id === opening.id),
  );
  expect(seen).toMatchObject({ customersegment: 'gold', customertimezone: 'Europe/Berlin' });
}, 60_000);
