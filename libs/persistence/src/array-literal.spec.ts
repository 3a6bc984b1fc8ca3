import { PGlite } from '@electric-sql/pglite';
import fc from 'fast-check';
import { arrayLiteral } from './array-literal.js';

const storable = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('\0'));
const awkward = fc.constantFrom(
  '',
  'NULL',
  'null',
  '{}',
  '"',
  '\\',
  '\\"',
  ',',
  ' ',
  '\n',
  "'",
  '{"a": "b\\\\"}',
  '語',
);

it('PostgreSQL reads back what was written, whatever the texts hold', async () => {
  const db = await PGlite.create();
  const texts = fc.array(fc.option(fc.oneof(storable, awkward), { nil: null }), { maxLength: 8 });
  const numbers = fc.array(fc.option(fc.integer({ min: -(2 ** 50), max: 2 ** 50 }), { nil: null }), { maxLength: 8 });
  try {
    await fc.assert(
      fc.asyncProperty(texts, numbers, async (words, whole) => {
        const { rows } = await db.query<{ words: unknown; whole: unknown }>(
          'select to_json($1::text::text[])::text as words, to_json($2::text::bigint[])::text as whole',
          [arrayLiteral(words), arrayLiteral(whole)],
        );
        expect(JSON.parse(String(rows[0]?.words))).toEqual(words);
        expect(JSON.parse(String(rows[0]?.whole))).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  } finally {
    await db.close();
  }
});

it('leaves to the driver what is neither text, number nor boolean', () => {
  expect(arrayLiteral([true, null, false])).toBe('{true,NULL,false}');
  expect(arrayLiteral([])).toBe('{}');
  for (const other of [[1], Buffer.from('a'), new Date(0), { a: 1 }]) expect(arrayLiteral(['a', other])).toBeNull();
});
