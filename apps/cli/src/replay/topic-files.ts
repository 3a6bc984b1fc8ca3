import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { TopicRecord } from '../topics/read-topic.js';

const BUFFER_CHARS_MAX = 1 << 20;

interface Part {
  readonly path: string;
  readonly fd: number;
  buffer: string;
}

/**
 * Writes records to DIR/<topic>.ndjson, one CloudEvent a line, partition after partition: the same log gives the
 * same file, however the partitions were interleaved when they were read.
 */
export class TopicFiles {
  private readonly parts = new Map<string, Map<number, Part>>();

  constructor(
    private readonly dir: string,
    topics: readonly string[],
  ) {
    mkdirSync(dir, { recursive: true });
    for (const topic of topics) this.parts.set(topic, new Map());
  }

  add(record: TopicRecord): void {
    const part = this.partOf(record);
    part.buffer += `${record.text}\n`;
    if (part.buffer.length > BUFFER_CHARS_MAX) flush(part);
  }

  /** Joins the partitions; a topic without records gets an empty file. */
  close(): void {
    for (const [topic, parts] of this.parts) {
      const file = openSync(join(this.dir, `${topic}.ndjson`), 'w');
      for (const [, part] of [...parts].sort(([a], [b]) => a - b)) {
        flush(part);
        closeSync(part.fd);
        writeSync(file, readFileSync(part.path));
        rmSync(part.path);
      }
      closeSync(file);
    }
  }

  private partOf({ topic, partition }: TopicRecord): Part {
    const parts = this.parts.get(topic) ?? new Map<number, Part>();
    this.parts.set(topic, parts);
    let part = parts.get(partition);
    if (!part) {
      const path = join(this.dir, `.${topic}.${partition}.part`);
      parts.set(partition, (part = { path, fd: openSync(path, 'w'), buffer: '' }));
    }
    return part;
  }
}

function flush(part: Part): void {
  if (part.buffer) writeSync(part.fd, part.buffer);
  part.buffer = '';
}
