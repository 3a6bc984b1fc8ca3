import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { planPromises, planTellings, type ChaosEvent, type ChaosPromise, type Telling } from '../load/promises.js';
import type { Instance } from '../stage/instance.js';
import type { Stage } from '../stage/stage.js';
import { until } from '../waiting.js';
import { TWO_OF_EACH, type Scene, type Script } from './play.js';

const SECONDS = 120;
const PROMISES_PER_SECOND = 420;
/** One opening in so many comes in a shape that its guarantee does not know: with its garbage one event in a thousand. */
const POISONED_EVERY = 840;
const GARBAGE = 40;
/** Nine in ten promises cost nothing when they are broken, so that finance is not what is measured. */
const COSTLY_EVERY = 10;
const SETTLED_WITHIN_MS = 6 * 60_000;
const MENDED = 'test/chaos/guarantees-mended';

interface Letter {
  readonly id: string;
  readonly service: string;
  readonly reason: string;
  readonly detail: string;
  readonly original: string;
}

/** A hundred poisons among a hundred thousand events, over HTTP and both topics; mended, replayed, discarded. */
export const poison = (seed: number): Script => ({
  title: 'One poison in a thousand among 100,000 events',
  instances: TWO_OF_EACH,
  promises: (startMs) =>
    planPromises({ seed, startMs, seconds: SECONDS, promisesPerSecond: PROMISES_PER_SECOND }).map((promise, n) =>
      n % COSTLY_EVERY === 0 ? promise : { ...promise, isBare: true },
    ),
  tellings: (promises) => spoilt(planTellings(seed, promises), poisonedOf(promises)),
  expectsLetter: (text) => EXPECTED.some((part) => text.includes(part)),
  play: async (scene) => {
    const { stage, run, act, must, note } = scene;
    const poisoned = poisonedOf(run.promises);
    const healthy = run.promises.length - poisoned.size;
    await act(`${GARBAGE} records that are no events, into makegood.ingress.v1`, () => tellGarbage(stage));
    await run.told();
    await act('every promise but the poisoned ones has its verdict', async () => {
      await until('the verdicts', () => run.observer.settled >= healthy, SETTLED_WITHIN_MS).catch(() => undefined);
      must(run.observer.settled === healthy, `${healthy} verdicts expected → ${run.observer.settled}`);
      note(`${run.toTell + GARBAGE} events and records, ${poisoned.size + GARBAGE} of them poison.`);
      note(`With all poison undecided ${run.observer.settled} of ${run.promises.length} promises had their verdict.`);
    });
    const letters = await explained(scene, poisoned);
    await act('the guarantees mended, letters replayed and discarded', async () => {
      await stage.activate(MENDED);
      for (const { id, original } of letters) {
        const isGarbage = original.includes(GARBAGE_WORD);
        await decide(
          stage,
          id,
          isGarbage ? 'discard' : 'replay',
          isGarbage ? 'no event at all' : 'read by version 2 now',
        );
      }
    });
    await until('the last verdicts', () => run.observer.settled >= run.promises.length, SETTLED_WITHIN_MS);
    must((await openLetters(stage)).length === 0, 'a letter is still open');
  },
});

const GARBAGE_WORD = 'poison-no-event';
/** What the topic of dead letters may hold: the two poisons, as JSON within JSON, and what became of them. */
const EXPECTED = ['\\"promised\\":', GARBAGE_WORD, '"type":"makegood.letter.decided"'];

function poisonedOf(promises: readonly ChaosPromise[]): ReadonlySet<string> {
  return new Set(promises.filter((_, n) => n % POISONED_EVERY === 7).map(({ subject }) => subject));
}

/** The openings of these subjects in another shape: `promised: { at }` where `promisedAt` was agreed. */
function spoilt(tellings: readonly Telling[], poisoned: ReadonlySet<string>): readonly Telling[] {
  return tellings.map((telling) => {
    const { event } = telling;
    const { promisedAt, ...data } = event.data;
    if (promisedAt === undefined || !poisoned.has(event.subject)) return telling;
    return { ...telling, event: { ...event, data: { ...data, promised: { at: promisedAt } } } satisfies ChaosEvent };
  });
}

/** Each poison has its letter, which says why; nothing else has one. */
async function explained({ stage, must, act, note }: Scene, poisoned: ReadonlySet<string>): Promise<Letter[]> {
  let letters: Letter[] = [];
  await act('each poison lies in a dead letter that says why', async () => {
    letters = await openLetters(stage);
    const garbage = letters.filter(({ original }) => original.includes(GARBAGE_WORD));
    must(garbage.length === GARBAGE, `${GARBAGE} letters of garbage expected → ${garbage.length}`);
    const openings = letters.filter((letter) => !garbage.includes(letter));
    const subjects = new Set(openings.map(({ original }) => (JSON.parse(original) as ChaosEvent).subject));
    must(subjects.size === poisoned.size, `letters of ${poisoned.size} openings expected → of ${subjects.size}`);
    for (const subject of subjects) must(poisoned.has(subject), `${subject}: a letter, and it was no poison`);
    for (const { service, reason, detail } of openings)
      must(
        service === 'sla-timer' && /chaos-(bare|delivery)\.yaml:\d+:\d+/.test(detail) && detail.includes('promisedAt'),
        `file, line and the missing field expected → ${service} ${reason}: ${detail}`,
      );
    for (const { service, reason, detail } of garbage)
      must(service === 'intake' && detail.length > 0, `intake to say why expected → ${service} ${reason}: ${detail}`);
    const [one, other] = [openings[0], garbage[0]];
    note(`An opening of another shape: ${one?.reason}, "${one?.detail}".`);
    note(`No event at all: ${other?.reason}, "${other?.detail}".`);
  });
  return letters;
}

async function tellGarbage(stage: Stage): Promise<void> {
  const kafka = new Kafka({ clientId: 'chaos-poison', brokers: stage.brokers.split(','), logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  for (let n = 0; n < GARBAGE; n++) {
    const value = `{"${GARBAGE_WORD}": ${n}`;
    await producer.send({ topic: 'makegood.ingress.v1', acks: -1, messages: [{ key: `garbage-${n}`, value }] });
    await sleep((SECONDS * 1_000) / GARBAGE / 2);
  }
  await producer.disconnect();
}

async function openLetters(stage: Stage): Promise<Letter[]> {
  const { letters } = (await ask(stage, '/dlq?limit=1000')) as { letters: Letter[] };
  return Promise.all(letters.map(async ({ id }) => (await ask(stage, `/dlq/${id}`)) as Letter));
}

async function decide(stage: Stage, id: string, command: 'replay' | 'discard', reason: string): Promise<void> {
  await ask(stage, `/dlq/${id}/${command}`, { method: 'POST', body: JSON.stringify({ reason }) });
}

async function ask(stage: Stage, path: string, init: RequestInit = {}): Promise<unknown> {
  const [intake] = stage.of('intake') as [Instance, ...Instance[]];
  const headers = { authorization: `Bearer ${stage.adminKey.text}`, 'content-type': 'application/json' };
  const answer = await fetch(`http://127.0.0.1:${intake.port}${path}`, { ...init, headers });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path} → ${answer.status} ${text.slice(0, 300)}`);
  return JSON.parse(text);
}
