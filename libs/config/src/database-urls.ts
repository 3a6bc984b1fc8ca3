import { z } from 'zod';

/** A database beside `DATABASE_URL`, and the shards that begin in it. */
export interface DatabaseGroup {
  readonly name: string;
  readonly shards: readonly number[];
  readonly url: string;
}

const ENTRY = /^([a-z][a-z0-9-]{0,30}):([\d,-]*)=(postgres(?:ql)?:\/\/\S+)$/;
const RANGE = /^(\d{1,4})(?:-(\d{1,4}))?$/;

/** `DATABASE_URLS`: entries `NAME:SHARDS=URL` with blanks between them; SHARDS as in `4-7,10`, or none. */
export const databaseUrls = z
  .string()
  .default('')
  .transform((text, context): readonly DatabaseGroup[] => {
    const groups: DatabaseGroup[] = [];
    const entries = text.split(/\s+/).filter((entry) => entry !== '');
    entries.forEach((entry, i) => {
      const [, name = '', ranges = '', url = ''] = ENTRY.exec(entry) ?? [];
      const shards = shardsIn(ranges);
      // A URL may hold a password: what is wrong is told by its number.
      if (name === '')
        context.addIssue(`entry ${i + 1}: expected NAME:SHARDS=postgresql://…, e.g. north:0-5=postgresql://…`);
      else if (shards === null) context.addIssue(`entry ${i + 1}: expected shards such as 0-5,8`);
      else groups.push({ name, shards, url });
    });
    for (const name of twice(['main', ...groups.map((group) => group.name)]))
      context.addIssue(`\`${name}\` is the name of two databases${name === 'main' ? '; main is DATABASE_URL' : ''}`);
    for (const shard of twice(groups.flatMap(({ shards }) => shards)))
      context.addIssue(`shard ${shard} is in two databases`);
    return groups;
  });

function shardsIn(ranges: string): number[] | null {
  if (ranges === '') return [];
  const shards: number[] = [];
  for (const range of ranges.split(',')) {
    const [, first, last = first] = RANGE.exec(range) ?? [];
    if (first === undefined || Number(last) < Number(first)) return null;
    for (let shard = Number(first); shard <= Number(last); shard++) shards.push(shard);
  }
  return shards;
}

function twice<T>(values: readonly T[]): T[] {
  return [...new Set(values.filter((value, i) => values.indexOf(value) !== i))];
}
