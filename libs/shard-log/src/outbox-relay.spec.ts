import { publisherOver, type OutgoingRecord, type RecordProducer } from '#libs/messaging';
import type { Database } from '#libs/persistence';
import { OutboxRelay, type StoredOutboxRow, type WaitingRow } from './outbox-relay.js';
import { packOutbox, type OutboxRow } from './outbox-rows.js';

const waiting = (id: number): WaitingRow => {
  const [packed] = packOutbox(0, [{ topic: 't', partition: 0, key: 'k', value: `${id}` }]);
  return { id, ...(packed as OutboxRow) };
};

const row = (id: number): StoredOutboxRow => ({ id, shard: 0, topic: 't', records: `0 - "k"\n${id}` });

function relayWith(
  failures: number,
  answer: (text: string) => Promise<StoredOutboxRow[]> | null = () => null,
): { relay: OutboxRelay; sent: string[]; deleted: number[] } {
  const sent: string[] = [];
  const deleted: number[] = [];
  let failing = failures;
  const producer: RecordProducer = {
    send: async (records: readonly OutgoingRecord[]) => {
      sent.push(...records.map(({ value }) => value));
      if (failing-- > 0) throw new Error('acknowledgement lost');
      return [];
    },
    close: async () => undefined,
  };
  const database = {
    query: async (text: string, params: readonly unknown[] = []) => {
      const rows = answer(text);
      if (rows) return rows;
      deleted.push(...((params[0] ?? []) as number[]));
      return [];
    },
  } as unknown as Database;
  const clock = { nowMs: () => 0, sleep: async () => undefined };
  return {
    relay: new OutboxRelay({
      database,
      publisher: publisherOver(producer),
      clock,
      outputTopic: null,
      onError: () => undefined,
    }),
    sent,
    deleted,
  };
}

describe('OutboxRelay', () => {
  it('publishes after transactions that had nothing to say', async () => {
    const { relay, sent, deleted } = relayWith(0);
    relay.enqueue([]);
    await relay.flush();
    relay.enqueue([waiting(1)]);
    relay.enqueue([waiting(2)]);
    await relay.flush();
    relay.enqueue([]);
    relay.enqueue([waiting(3)]);
    await relay.flush();
    expect([sent, deleted]).toEqual([
      ['1', '2', '3'],
      [1, 2, 3],
    ]);
  });

  it('does not publish again what a look that began before the deletion still shows', async () => {
    let show: (rows: StoredOutboxRow[]) => void = () => undefined;
    const { relay, sent } = relayWith(0, (text) =>
      text.startsWith('\nselect') ? new Promise((resolve) => (show = resolve)) : null,
    );
    const looking = relay.poll([{ shard: 0, epoch: 1 }]);
    relay.enqueue([waiting(1)]);
    await relay.flush();
    show([row(1), row(2)]);
    expect(await looking).toBe(1);
    await relay.flush();
    expect(sent).toEqual(['1', '2']);
  });

  it('after a lost acknowledgement sends the same again, deletes once, and keeps the order', async () => {
    const { relay, sent, deleted } = relayWith(2);
    relay.enqueue([waiting(1), waiting(2)]);
    relay.enqueue([waiting(3)]);
    await relay.flush();
    expect(sent).toEqual(['1', '2', '1', '2', '3', '1', '2', '3']);
    expect(deleted).toEqual([1, 2, 3]);
  });
});
