import { Readable } from 'node:stream';
import type { Request } from 'express';
import type { HttpProblem } from '#libs/service';
import { Admission } from './read-body.js';

const KIB = 1024;
const MIB = KIB * KIB;

const requestOf = (bytes: number): Request =>
  Object.assign(Readable.from([Buffer.alloc(bytes)]), { headers: { 'content-length': String(bytes) } }) as never;

/** Requests that are received and wait for their answer until they are let go. */
class Door {
  readonly held: { sender: string; release: () => void; done: Promise<void> }[] = [];
  readonly refused = new Map<string, number>();

  constructor(private readonly admission: Admission) {}

  /** @returns whether it was admitted */
  async knock(sender: string, bytes = 200): Promise<boolean> {
    const answered = Promise.withResolvers<void>();
    const inside = Promise.withResolvers<boolean>();
    const done = this.admission
      .withBody(requestOf(bytes), sender, () => {
        inside.resolve(true);
        return answered.promise;
      })
      .catch((error: HttpProblem) => {
        expect(error.status).toBe(429);
        inside.resolve(false);
      });
    const isIn = await inside.promise;
    if (isIn) this.held.push({ sender, release: answered.resolve, done });
    else this.refused.set(sender, (this.refused.get(sender) ?? 0) + 1);
    return isIn;
  }

  holds(sender: string): number {
    return this.held.filter((one) => one.sender === sender).length;
  }

  /** The broker answers the oldest. */
  async answer(count: number): Promise<void> {
    for (const { release, done } of this.held.splice(0, count)) {
      release();
      await done;
    }
  }
}

it('a sender alone has four fifths of the room, and is told to wait beyond', async () => {
  const door = new Door(new Admission(2_000, 48 * MIB));
  for (let i = 0; i < 3_000; i++) await door.knock('flood');
  expect(door.holds('flood')).toBe(1_600);
  expect(door.refused.get('flood')).toBe(1_400);
});

it('one who floods does not starve another: while the flood goes on each of its few requests is taken', async () => {
  const door = new Door(new Admission(200, 48 * MIB));
  for (let turn = 0; turn < 25; turn++) {
    for (let i = 0; i < 100; i++) await door.knock('flood');
    for (let i = 0; i < 5; i++) expect(await door.knock('quiet')).toBe(true);
    await door.answer(20);
  }
  expect(door.refused.get('quiet')).toBeUndefined();
  expect(door.refused.get('flood')).toBeGreaterThan(1_500);
});

it('those who flood together come to the same share', async () => {
  const door = new Door(new Admission(900, 48 * MIB));
  for (let turn = 0; turn < 40; turn++) {
    for (let i = 0; i < 40; i++) for (const sender of ['a', 'b', 'c']) await door.knock(sender);
    await door.answer(90);
  }
  for (const sender of ['a', 'b', 'c']) expect(Math.abs(door.holds(sender) - 250)).toBeLessThan(35);
});

it('large bodies are bounded alike: memory stays below the bound, and a small one still gets in', async () => {
  const door = new Door(new Admission(2_000, 48 * MIB));
  for (let i = 0; i < 40; i++) await door.knock('flood', 4 * MIB);
  expect(door.holds('flood')).toBeGreaterThanOrEqual(8);
  expect(door.holds('flood') * 4 * MIB).toBeLessThan(48 * MIB);
  expect(await door.knock('quiet', 100 * KIB)).toBe(true);
  await door.answer(100);
  expect(await door.knock('flood', 4 * MIB)).toBe(true);
});
