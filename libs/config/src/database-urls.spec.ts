import { databaseUrls } from './database-urls.js';

const A = 'postgresql://u:secret@a:5432/x';
const B = 'postgres://u:secret@b/y';
const mistakes = (text: string): string[] =>
  databaseUrls.safeParse(text).error?.issues.map(({ message }) => message) ?? [];

describe('DATABASE_URLS', () => {
  it('names databases, and shards by ranges, by numbers or not at all', () => {
    expect(databaseUrls.parse(`north:0-2,5=${A}\n  south:=${B}`)).toEqual([
      { name: 'north', shards: [0, 1, 2, 5], url: A },
      { name: 'south', shards: [], url: B },
    ]);
    expect(databaseUrls.parse('')).toEqual([]);
    expect(databaseUrls.parse(undefined)).toEqual([]);
  });

  it('says what is wrong, and never repeats a URL', () => {
    expect(mistakes(`north=${A}`)).toEqual([expect.stringContaining('entry 1: expected NAME:SHARDS=')]);
    expect(mistakes(`north:1=${A} south:2=mysql://b/y`)).toEqual([expect.stringContaining('entry 2')]);
    expect(mistakes(`north:3-1=${A}`)).toEqual(['entry 1: expected shards such as 0-5,8']);
    expect(mistakes(`north:1,=${A}`)).toEqual(['entry 1: expected shards such as 0-5,8']);
    expect(mistakes(`north:0-3=${A} south:3=${B}`)).toEqual(['shard 3 is in two databases']);
    expect(mistakes(`north:0=${A} north:1=${B}`)).toEqual(['`north` is the name of two databases']);
    expect(mistakes(`main:0=${A}`)).toEqual(['`main` is the name of two databases; main is DATABASE_URL']);
    for (const text of [`north=${A}`, `north:3-1=${A}`]) expect(mistakes(text).join()).not.toContain('secret');
  });
});
