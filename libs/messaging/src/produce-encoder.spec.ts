import { createRequire } from 'node:module';
import fc from 'fast-check';
import { crc32c } from './crc32c.js';
import { encodeProduceBody, type ProduceRequest } from './produce-encoder.js';

const require = createRequire(import.meta.url);
const theirs = require('kafkajs/src/protocol/requests/produce/v3/request.js') as (request: ProduceRequest) => {
  encode(): Promise<{ buffer: Buffer }>;
};
const theirCrc = require('kafkajs/src/protocol/recordBatch/crc32C/index.js') as (data: Buffer) => number;

const bytes = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array)),
);
const message = fc.record({
  key: fc.oneof(fc.constant(null), bytes),
  value: fc.oneof(fc.constant(null), bytes),
  timestamp: fc.integer({ min: 1_000_000_000_000, max: 4_133_980_799_999 }).map(String),
  headers: fc.constantFrom(
    {},
    { 'content-type': Buffer.from('application/cloudevents+json') },
    { a: 'x', b: ['1', Buffer.from('ü')] },
  ),
});
const partition = fc.record({
  partition: fc.nat(11),
  firstSequence: fc.nat(),
  messages: fc.array(message, { minLength: 1, maxLength: 30 }),
});
const request = fc.record({
  acks: fc.constant(-1),
  timeout: fc.nat(),
  producerId: fc.nat(),
  producerEpoch: fc.nat(100),
  compression: fc.constant(0),
  topicData: fc.array(
    fc.record({
      topic: fc.string({ minLength: 1, maxLength: 20 }),
      partitions: fc.array(partition, { minLength: 1, maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

describe('the encoder of produce requests', () => {
  it("writes byte for byte what kafkajs's own writes", async () => {
    await fc.assert(
      fc.asyncProperty(request, async (each) => {
        const expected = (await theirs(each as ProduceRequest).encode()).buffer;
        expect(encodeProduceBody(each as ProduceRequest, 0).equals(expected)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('checks sums as kafkajs does, at every length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
        expect(crc32c(data)).toBe(theirCrc(Buffer.from(data)));
      }),
      { numRuns: 500 },
    );
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283); // the check value of CRC-32C
  });
});
