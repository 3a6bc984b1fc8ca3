import {
  CONTROL_TYPES,
  DISRUPTION_EFFECTS,
  encodeCloudEvent,
  partitionOf,
  SOURCES,
  TICK_TYPE,
  TOPICS,
  type CloudEvent,
} from '#libs/contracts';
import { formatInstant } from '#libs/kernel';
import type { OutgoingRecord } from '#libs/messaging';
import { bags } from './claims.js';
import { SHARDS, type ServiceName } from './services.js';
import type { Random } from '../seeded/random.js';
import { doors } from './doors.js';
import { returnedMoney } from './returned.js';
import { signals } from './signals.js';
import { ACTIVATION, DAY_MS, HOUR_MS, MINUTE_MS, PLAIN, START_MS } from './terms.js';
import { waves } from './waves.js';

/** One append: at which instant of the broker's clock, and what. */
export interface Step {
  readonly atMs: number;
  readonly record: OutgoingRecord;
  readonly isTick?: boolean;
  /** How it comes to intake; not given: it is appended as intake would append it. */
  readonly way?: 'http' | 'ingress';
}

/** Something that a source says of a subject, and when intake has it. */
export interface Told {
  readonly type: string;
  readonly occurredMs: number;
  readonly receivedMs: number;
  readonly id?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly revision?: number;
}

const EVENTS_MIN = 200;
export const END_MS = START_MS + 14 * DAY_MS;
/** From then on ticks are rare: nearly all has been told. */
export const BUSY_UNTIL_MS = START_MS + 3.5 * DAY_MS;

/** The log of one seed: stories of subjects, mixed by their time of receipt, and ticks between them. */
export function makeWorkload(random: Random, services: readonly ServiceName[]): Step[] {
  const told: Step[] = [];
  for (let n = 0; told.length < EVENTS_MIN; n++) told.push(...story(n, random));
  const more = bags(random);
  for (const { subject, told: each } of [...waves(random), ...more])
    told.push(...stepsOf(subject, subject.replace('-', ''), each, random));
  told.push(...more.flatMap((bag) => bag.more));
  told.push(...signals(random), ...(services.includes('intake') ? doors(random) : []));
  const activation = Array.from({ length: SHARDS }, (_, partition) =>
    [TOPICS.events, TOPICS.settlements].map((topic) => ({
      atMs: START_MS,
      record: { topic, partition, key: 'guarantees', value: ACTIVATION },
    })),
  ).flat();
  const control = {
    atMs: START_MS,
    record: { topic: TOPICS.control, partition: 0, key: 'guarantees', value: ACTIVATION },
  };
  const body = [...told, ...disruptions(random), ...ticks(random)].sort((a, b) => a.atMs - b.atMs);
  return random.chance(0.5) ? [control, ...activation, ...body] : [...activation, control, ...body];
}

function story(n: number, random: Random): Step[] {
  const kind = random.pick(['plain', 'plain', 'plain', 'levers', 'levers', 'cycles'] as const);
  const subject = `${kind}-${n}`;
  const customer = `C-${random.int(1, 12)}`;
  const told =
    kind === 'plain'
      ? plain(random, customer)
      : kind === 'levers'
        ? levers(random, customer)
        : cycles(random, customer);
  const steps = stepsOf(subject, `${n}`, told, random);
  const postage = told[0]?.data?.['postage'] as { amountMinor: number } | undefined;
  if (postage === undefined || !random.chance(0.15)) return steps;
  const nearMs = Date.parse(String(told[0]?.data?.['promisedAt']));
  const paid = { family: subject, about: { subject }, base: 'postage', minor: postage.amountMinor, nearMs };
  return [...steps, ...returnedMoney(random, paid)];
}

/** @param family of the events' ids */
function stepsOf(subject: string, family: string, told: readonly Told[], random: Random): Step[] {
  const steps = told.map((each, i) => stepOf(subject, `${family}-${i}`, each));
  for (const step of [...steps]) {
    // a source that is unsure sends again: the same bytes, by whatever way
    if (random.chance(0.15)) steps.push({ ...step, atMs: step.atMs + random.int(0, 6 * HOUR_MS) });
  }
  return steps;
}

function plain(random: Random, customer: string): Told[] {
  const openMs = START_MS + random.int(1, 20 * 60) * MINUTE_MS;
  const dueMs = openMs + random.int(20, 600) * MINUTE_MS;
  const windowEndMs = dueMs + PLAIN.allowanceMs + PLAIN.correctionMs;
  const postage = { amountMinor: random.int(100, 5_000), currency: 'EUR' };
  const data = { customer, postage, promisedAt: formatInstant(dueMs) };
  const told: Told[] = [
    { type: 'parcel.accepted', occurredMs: openMs, receivedMs: openMs + random.int(0, 9) * MINUTE_MS, data },
  ];
  const end = random.pick(['in-time', 'late', 'never', 'late-news', 'edge', 'cancelled', 'orphan'] as const);
  const delivered = (occurredMs: number, receivedMs: number): void =>
    void told.push({ type: 'parcel.delivered', occurredMs, receivedMs: Math.max(occurredMs, receivedMs) });
  if (end === 'in-time') delivered(random.int(openMs, dueMs), dueMs + random.int(-30, 9) * MINUTE_MS);
  if (end === 'late') delivered(dueMs + random.int(1, 2 * DAY_MS), dueMs + random.int(1, 2 * DAY_MS));
  if (end === 'late-news')
    delivered(dueMs - random.int(0, 10) * MINUTE_MS, random.int(dueMs + 11 * MINUTE_MS, windowEndMs));
  if (end === 'edge')
    delivered(
      dueMs + random.int(-1, 1),
      random.pick([dueMs + 20 * MINUTE_MS, windowEndMs, windowEndMs + 1, windowEndMs - 1]),
    );
  if (end === 'orphan') delivered(openMs + MINUTE_MS, openMs - random.int(1, 10));
  if (end === 'cancelled' || random.chance(0.1)) {
    const atMs = random.chance(0.7) ? random.int(openMs, dueMs) : dueMs + random.int(0, 2) * HOUR_MS;
    told.push({ type: 'parcel.withdrawn', occurredMs: atMs, receivedMs: atMs + random.int(0, 8) * HOUR_MS });
  }
  if (random.chance(0.2)) delivered(dueMs + random.int(-5, 40) * HOUR_MS, dueMs + random.int(-4, 60) * HOUR_MS);
  if (random.chance(0.1)) told.push({ type: 'parcel.delivered', occurredMs: dueMs + 30 * DAY_MS, receivedMs: dueMs });
  if (random.chance(0.1)) {
    // the same identity with other content: the first counts
    told.push({
      type: 'parcel.accepted',
      occurredMs: openMs - HOUR_MS,
      receivedMs: openMs + random.int(20, 900) * MINUTE_MS,
      id: '0',
      data,
    });
  }
  if (random.chance(0.05))
    told.push({ type: 'parcel.accepted', occurredMs: openMs, receivedMs: openMs, data: { customer } });
  return told;
}

const LEVERS = [
  'call.held',
  'call.released',
  'call.re-promised',
  'call.voided',
  'call.lost',
  'call.exception',
  'call.dropped',
  'call.answered',
] as const;

function levers(random: Random, customer: string): Told[] {
  const openMs = START_MS + random.int(1, 20 * 60) * MINUTE_MS;
  const fee = { amountMinor: random.int(100, 3_000), currency: 'EUR' };
  const dueMs = openMs + random.int(60, 300) * MINUTE_MS;
  const data = { customer, fee, promisedAt: formatInstant(dueMs) };
  const told: Told[] = [
    { type: 'call.received', occurredMs: openMs, receivedMs: openMs + random.int(0, 60) * MINUTE_MS, data },
  ];
  for (let i = random.int(0, 6); i >= 0; i--) {
    const occurredMs = openMs + random.int(-30, 600) * MINUTE_MS;
    const more = { to: formatInstant(occurredMs + random.int(20, 400) * MINUTE_MS), of: `${random.int(0, 6)}` };
    told.push({
      type: random.pick(LEVERS),
      occurredMs,
      receivedMs: occurredMs + random.pick([-1, 0, 0, 5, 60, 600, 2_000]) * MINUTE_MS,
      data: more,
      revision: random.chance(0.1) ? 1 : 0,
    });
  }
  return told;
}

function cycles(random: Random, customer: string): Told[] {
  const told: Told[] = [];
  let atMs = START_MS + random.int(1, 20 * 60) * MINUTE_MS;
  for (let i = random.int(1, 4); i > 0; i--) {
    told.push({
      type: 'message.asked',
      occurredMs: atMs,
      receivedMs: atMs + random.int(0, 90) * MINUTE_MS,
      data: { customer },
    });
    atMs += random.int(1, 120) * MINUTE_MS;
    if (random.chance(0.6))
      told.push({ type: 'message.replied', occurredMs: atMs, receivedMs: atMs + random.int(0, 400) * MINUTE_MS });
    atMs += random.int(1, 60) * MINUTE_MS;
  }
  return told;
}

function stepOf(subject: string, id: string, { type, occurredMs, receivedMs, data, revision, id: given }: Told): Step {
  const family = id.slice(0, id.indexOf('-'));
  const event: CloudEvent = {
    specversion: '1.0',
    id: given === undefined ? id : `${family}-${given}`,
    source: 'urn:simulation',
    type,
    subject,
    time: formatInstant(occurredMs),
    data: data && 'of' in data ? { ...data, of: `${family}-${String(data['of'])}` } : (data ?? {}),
    ...(revision ? { revision } : {}),
  };
  const partition = partitionOf(subject, SHARDS);
  return {
    atMs: receivedMs,
    record: { topic: TOPICS.events, partition, key: subject, value: encodeCloudEvent(event) },
  };
}

/** Outages, declared at some time and perhaps withdrawn; each word on every partition, some of it twice. */
function disruptions(random: Random): Step[] {
  const steps: Step[] = [];
  for (let n = random.int(0, 3); n > 0; n--) {
    const fromMs = START_MS + random.int(0, 30) * HOUR_MS;
    const toMs = fromMs + random.int(1, 8) * HOUR_MS;
    const declaredMs = fromMs + random.int(-60, 40 * 60) * MINUTE_MS;
    const disruptionId = `outage-${n}`;
    const effect = random.pick(DISRUPTION_EFFECTS);
    const scope = random.pick([null, null, 'customer < "C-5"']);
    const span = { from: formatInstant(fromMs), to: formatInstant(toMs) };
    const declared = { disruptionId, ...span, effect, scope, reason: 'outage', by: 'ops' };
    steps.push(...everywhere(random, CONTROL_TYPES.disruptionDeclared, declaredMs, declared));
    if (random.chance(0.6)) continue;
    const withdrawn = { disruptionId, by: 'ops', reason: 'it was none' };
    const withdrawnMs = declaredMs + random.int(1, 60 * 60) * MINUTE_MS;
    steps.push(...everywhere(random, CONTROL_TYPES.disruptionWithdrawn, withdrawnMs, withdrawn));
  }
  return steps;
}

function everywhere(random: Random, type: string, atMs: number, data: { readonly disruptionId: string }): Step[] {
  const subject = data.disruptionId;
  const time = formatInstant(atMs);
  const event = { specversion: '1.0' as const, id: `${type}/${subject}`, source: SOURCES.slaTimer, type, subject };
  const value = encodeCloudEvent({ ...event, time, data });
  const times = random.chance(0.2) ? 2 : 1;
  return Array.from({ length: SHARDS * times }, (_, i) => ({
    atMs: Math.max(atMs, START_MS + 1) + random.int(0, MINUTE_MS),
    record: { topic: TOPICS.events, partition: i % SHARDS, key: subject, value },
  }));
}

function ticks(random: Random): Step[] {
  const steps: Step[] = [];
  const everyMs = random.pick([20, 30, 60]) * MINUTE_MS;
  const awayFromMs = START_MS + random.int(1, 40) * HOUR_MS;
  const awayUntilMs = random.chance(0.4) ? awayFromMs + random.int(1, 5) * HOUR_MS : awayFromMs;
  for (let atMs = START_MS; atMs <= END_MS;) {
    const isAway = atMs > awayFromMs && atMs < awayUntilMs;
    const spacingMs = atMs < BUSY_UNTIL_MS ? everyMs : 6 * HOUR_MS;
    if (!isAway)
      for (let partition = 0; partition < SHARDS; partition++) steps.push(tickStep(atMs, partition, spacingMs));
    atMs += spacingMs;
  }
  return steps;
}

function tickStep(atMs: number, partition: number, everyMs: number): Step {
  const event = {
    specversion: '1.0' as const,
    id: `tick-${atMs}`,
    source: SOURCES.intake,
    type: TICK_TYPE,
    subject: 'tick',
    time: formatInstant(atMs),
    data: { everyMs, silent: [] },
  };
  return {
    atMs,
    isTick: true,
    record: { topic: TOPICS.events, partition, key: 'tick', value: encodeCloudEvent(event) },
  };
}
