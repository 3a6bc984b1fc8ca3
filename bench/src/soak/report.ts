import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { tableOf } from '../live/statistics.js';
import { note } from '../stage.js';
import type { Course } from './flatness.js';
import { grown } from './measures.js';
import { soakPicture } from './picture.js';
import type { Sample } from './sampler.js';

/** What was asked for. */
interface Asked {
  readonly minutes: number;
  readonly eventsPerSecond: number;
  readonly json: boolean;
}

export function writePicture(file: string, samples: readonly Sample[], { eventsPerSecond, minutes }: Asked): void {
  const path = resolve(file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, soakPicture(samples, `${minutes} minutes of ${eventsPerSecond} facts/s`));
  note(`picture: ${path}`);
}

/** A table, the verdict, and a line of JSON where it is asked for. */
export function print(courses: readonly Course[], samples: readonly Sample[], options: Asked): void {
  const rows = courses.map(({ measure, first, middle, last, slopePerHour, isFlat }) => [
    measure.unit ? `${measure.name}, ${measure.unit}` : measure.name,
    ...[first, middle, last, slopePerHour].map(numberOf),
    isFlat === null ? 'grows' : isFlat ? 'flat' : 'GREW',
  ]);
  const titles = ['', 'first tenth', 'middle', 'last tenth', 'an hour adds', ''];
  for (const line of tableOf(titles, rows)) process.stdout.write(`${line}\n`);
  const wrong = grown(courses);
  const verdict = wrong.length === 0 ? 'flat' : `not flat: ${wrong.join(', ')}`;
  process.stdout.write(`the last fifth beside the second: ${verdict}\n`);
  if (!options.json) return;
  const { minutes, eventsPerSecond } = options;
  const measures = Object.fromEntries(
    courses.map(({ measure: { name, unit }, ...course }) => [name, { unit, ...course }]),
  );
  const kibByRelation = { first: samples[0]?.kibByRelation, last: samples.at(-1)?.kibByRelation };
  const product = { measures, kibByRelation, samples: samples.length };
  process.stdout.write(
    `${JSON.stringify({ bench: 'soak', minutes, eventsPerSecond, isFlat: wrong.length === 0, product })}\n`,
  );
}

function numberOf(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 100 ? 1 : 0 });
}
