import { crc32c } from './crc32c.js';

/** What kafkajs hands to the encoder of a produce request (version 3 and later). */
export interface ProduceRequest {
  readonly acks: number;
  readonly timeout: number;
  readonly transactionalId?: string | null;
  readonly producerId?: { toString(): string } | number;
  readonly producerEpoch?: number;
  readonly compression?: number;
  readonly topicData: readonly { readonly topic: string; readonly partitions: readonly PartitionData[] }[];
}

interface PartitionData {
  readonly partition: number;
  readonly firstSequence?: number;
  readonly messages: readonly Message[];
}

type Bytes = string | Buffer;
interface Message {
  readonly key?: Bytes | null;
  readonly value: Bytes | null;
  readonly timestamp?: string | number;
  readonly headers?: Readonly<Record<string, Bytes | readonly Bytes[] | undefined>>;
}

const BATCH_HEAD_BYTES = 61;
/** Length, attributes, deltas and counts of a record at their longest. */
const RECORD_HEAD_BYTES_MAX = 45;
const MAGIC = 2;

/**
 * The body of a produce request as one buffer: kafkajs makes several growing buffers of each record and copies them
 * into one another, which costs more than everything else that is done for an announcement.
 */
export function encodeProduceBody(request: ProduceRequest, nowMs: number): Buffer {
  const topics = request.topicData.map(({ topic, partitions }) => ({
    name: Buffer.from(topic, 'utf8'),
    parts: partitions.map((data) => ({ partition: data.partition, batch: encodeBatch(data, request, nowMs) })),
  }));
  let size = 2 + 2 + 4 + 4;
  for (const { name, parts } of topics) {
    size += 2 + name.length + 4;
    for (const { batch } of parts) size += 8 + batch.length;
  }
  const out = Buffer.allocUnsafe(size);
  let at = out.writeInt16BE(-1, 0); // no transactional id
  at = out.writeInt16BE(request.acks, at);
  at = out.writeInt32BE(request.timeout, at);
  at = out.writeInt32BE(topics.length, at);
  for (const { name, parts } of topics) {
    at = out.writeInt16BE(name.length, at);
    at += name.copy(out, at);
    at = out.writeInt32BE(parts.length, at);
    for (const { partition, batch } of parts) {
      at = out.writeInt32BE(partition, at);
      at = out.writeInt32BE(batch.length, at);
      at += batch.copy(out, at);
    }
  }
  return out;
}

/** A record batch, format 2 (KIP-98), uncompressed. */
function encodeBatch({ messages, firstSequence = 0 }: PartitionData, request: ProduceRequest, nowMs: number): Buffer {
  let [firstMs, maxMs] = [Infinity, -Infinity];
  let sizeMax = BATCH_HEAD_BYTES;
  for (const message of messages) {
    const atMs = message.timestamp === undefined ? nowMs : Number(message.timestamp);
    if (atMs < firstMs) firstMs = atMs;
    if (atMs > maxMs) maxMs = atMs;
    sizeMax +=
      RECORD_HEAD_BYTES_MAX + lengthMaxOf(message.key) + lengthMaxOf(message.value) + headersOf(message.headers).length;
  }
  const out = Buffer.allocUnsafe(sizeMax);
  let at = BATCH_HEAD_BYTES;
  for (let i = 0; i < messages.length; i++) at = writeRecord(out, at, messages[i] as Message, i, firstMs, nowMs);
  out.writeBigInt64BE(0n, 0);
  out.writeInt32BE(at - 12, 8);
  out.writeInt32BE(0, 12); // leader epoch: the broker fills it in
  out.writeInt8(MAGIC, 16);
  out.writeInt16BE(0, 21); // no compression, CreateTime, no transaction
  out.writeInt32BE(messages.length - 1, 23);
  out.writeBigInt64BE(BigInt(firstMs), 27);
  out.writeBigInt64BE(BigInt(maxMs), 35);
  out.writeBigInt64BE(BigInt((request.producerId ?? -1).toString()), 43);
  out.writeInt16BE(request.producerEpoch ?? 0, 51);
  out.writeInt32BE(firstSequence, 53);
  out.writeInt32BE(messages.length, 57);
  out.writeUInt32BE(crc32c(out, 21, at), 17);
  return out.subarray(0, at);
}

function writeRecord(
  out: Buffer,
  start: number,
  message: Message,
  offsetDelta: number,
  firstMs: number,
  nowMs: number,
): number {
  const deltaMs = (message.timestamp === undefined ? nowMs : Number(message.timestamp)) - firstMs;
  const headers = headersOf(message.headers);
  const keyBytes = bytesOf(message.key);
  const valueBytes = bytesOf(message.value);
  const size =
    1 +
    varintSize(deltaMs) +
    varintSize(offsetDelta) +
    varintSize(keyBytes) +
    Math.max(0, keyBytes) +
    varintSize(valueBytes) +
    Math.max(0, valueBytes) +
    headers.length;
  let at = writeVarint(out, start, size);
  out[at++] = 0;
  at = writeVarint(out, at, deltaMs);
  at = writeVarint(out, at, offsetDelta);
  at = writeBytes(out, writeVarint(out, at, keyBytes), message.key, keyBytes);
  at = writeBytes(out, writeVarint(out, at, valueBytes), message.value, valueBytes);
  return at + headers.copy(out, at);
}

function writeBytes(out: Buffer, at: number, value: Bytes | null | undefined, length: number): number {
  if (length <= 0) return at;
  if (typeof value === 'string') return at + out.write(value, at, length, 'utf8');
  return at + (value as Buffer).copy(out, at);
}

const lengthMaxOf = (value: Bytes | null | undefined): number =>
  value == null ? 0 : typeof value === 'string' ? value.length * 3 : value.length;
const bytesOf = (value: Bytes | null | undefined): number =>
  value == null ? -1 : typeof value === 'string' ? Buffer.byteLength(value, 'utf8') : value.length;

const NO_HEADERS: NonNullable<Message['headers']> = {};
/** Headers are few constant objects: their bytes are made once each. */
const encodedHeaders = new WeakMap<object, Buffer>();

function headersOf(headers: Message['headers']): Buffer {
  const source = headers ?? NO_HEADERS;
  let encoded = encodedHeaders.get(source);
  if (!encoded) encodedHeaders.set(source, (encoded = encodeHeaders(source)));
  return encoded;
}

function encodeHeaders(headers: NonNullable<Message['headers']>): Buffer {
  const pairs = Object.entries(headers).flatMap(([key, value]) =>
    (Array.isArray(value) ? (value as readonly Bytes[]) : [value as Bytes | undefined]).map(
      (each) => [key, each] as const,
    ),
  );
  const out = Buffer.allocUnsafe(
    5 + pairs.reduce((sum, [key, value]) => sum + 10 + lengthMaxOf(key) + lengthMaxOf(value), 0),
  );
  let at = writeVarint(out, 0, pairs.length);
  for (const [key, value] of pairs) {
    const [keyBytes, valueBytes] = [bytesOf(key), bytesOf(value)];
    at = writeBytes(out, writeVarint(out, at, keyBytes), key, keyBytes);
    at = writeBytes(out, writeVarint(out, at, valueBytes), value, valueBytes);
  }
  return Buffer.from(out.subarray(0, at));
}

/** Zigzag: 0, -1, 1 … become 0, 1, 2 …; beyond 32 bits by division, instants reach 2^43. */
const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);

function varintSize(value: number): number {
  let rest = zigzag(value);
  let size = 1;
  for (; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

function writeVarint(out: Buffer, start: number, value: number): number {
  let rest = zigzag(value);
  let at = start;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out[at++] = (rest % 128) | 128;
  out[at++] = rest;
  return at;
}
