import { SystemClock } from '#libs/clock';
import type { Clock } from '#libs/kernel';
import { packRecords, type PackedRow } from '../packed-row.js';
import { ThreadPublisher } from './thread-publisher.js';

/** A thread without a broker, which is told by the first row's topic what to do; `baseOffset` counts rows since it began. */
const THREAD = `
import { parentPort } from 'node:worker_threads';
let nth = 0;
const say = (word) => parentPort.postMessage(word);
parentPort.on('message', async ({ kind, rows, headers }) => {
  if (kind === 'end') return parentPort.close();
  const [{ topic: what }] = rows;
  if (what === 'throws') throw new Error('no more of this');
  if (what === 'exits') process.exit(7);
  if (what === 'hangs') for (;;);
  if (what === 'refused') return say({ kind: 'failed', failure: { name: 'KafkaJSError', message: 'not the leader' } });
  if (what === 'logs') say({ kind: 'log', level: 'warn', message: headers['content-type'] });
  for (const { topic, bytes } of rows) {
    await new Promise((resolve) => setImmediate(resolve));
    say({ kind: 'acknowledged', ranges: [{ topic, partition: 0, baseOffset: nth++, count: bytes.byteLength }] });
  }
  say({ kind: 'published' });
});`;

const rowOf = (topic: string): PackedRow => ({
  topic,
  bytes: packRecords([{ topic, partition: 0, key: 'k', value: 'é' }]),
});
const BYTES = rowOf('x').bytes.length;
const impatient: Clock = { nowMs: () => 0, sleep: async () => undefined };

describe('ThreadPublisher', () => {
  const told: string[] = [];
  let publisher: ThreadPublisher;
  const start = (clock: Clock = new SystemClock()): ThreadPublisher =>
    (publisher = new ThreadPublisher({
      kafka: { brokers: [], clientId: 'test', onLog: (level, message) => void told.push(`${level} ${message}`) },
      clock,
      entry: new URL(`data:text/javascript,${encodeURIComponent(THREAD)}`),
    }));
  afterEach(() => publisher.close());

  it('publishes in the order of asking, one after the other, and tells all ranges of a publication', async () => {
    start();
    const published = await Promise.all([
      publisher.publish([rowOf('a'), rowOf('b')]),
      publisher.publish([rowOf('c')]),
      publisher.publish([rowOf('d')]),
    ]);
    const range = (topic: string, baseOffset: number) => ({ topic, partition: 0, baseOffset, count: BYTES });
    expect(published).toEqual([[range('a', 0), range('b', 1)], [range('c', 2)], [range('d', 3)]]);
  });

  it.each([
    ['throws', 'no more of this'],
    ['exits', 'exit code 7'],
  ])('a thread that %s: who waits is told, the row is whole, the next gets a new thread', async (topic, how) => {
    start();
    const row = rowOf(topic);
    const lost = publisher.publish([row]);
    const next = publisher.publish([rowOf('a')]);
    await expect(lost).rejects.toMatchObject({ problem: { code: 'PUBLISHER_DIED' }, retryable: true });
    await expect(lost).rejects.toThrow(how);
    expect(row).toEqual(rowOf(topic));
    expect(await next).toMatchObject([{ topic: 'a', baseOffset: 0 }]);
  });

  it('a thread that hangs is ended, as a broker that does not answer', async () => {
    start(impatient);
    await expect(publisher.publish([rowOf('hangs')])).rejects.toMatchObject({
      problem: { code: 'BROKER_AWAY' },
      retryable: true,
    });
  });

  it('a refusal is told by its name, and the thread goes on', async () => {
    start();
    await publisher.publish([rowOf('a')]);
    await expect(publisher.publish([rowOf('refused')])).rejects.toMatchObject({
      name: 'KafkaJSError',
      message: 'not the leader',
    });
    expect(await publisher.publish([rowOf('b')])).toMatchObject([{ topic: 'b', baseOffset: 1 }]);
  });

  it("hands the thread's words on to the log, and takes the headers along", async () => {
    start();
    await publisher.publish([rowOf('logs')]);
    expect(told).toEqual(['warn application/cloudevents+json']);
  });

  it('publishes nothing once it is closed', async () => {
    start();
    await publisher.publish([rowOf('a')]);
    await publisher.close();
    await expect(publisher.publish([rowOf('b')])).rejects.toThrow('closed');
  });
});
