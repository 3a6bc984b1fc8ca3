import fc from 'fast-check';
import { claimReferenceOf, idsOfReference } from './claim-reference.js';

describe('the reference of a line', () => {
  const lineId = fc.uuid({ version: 5 });

  it('finds the ids that begin like the line’s, and no others', () => {
    fc.assert(
      fc.property(lineId, (id) => {
        const [first, last] = idsOfReference(claimReferenceOf(id)) as [string, string];
        expect(first <= id && id <= last).toBe(true);
        expect([first.slice(0, 16), last.slice(0, 16)]).toEqual([id.slice(0, 16), id.slice(0, 16)]);
        expect([claimReferenceOf(first), claimReferenceOf(last)]).toEqual(Array(2).fill(claimReferenceOf(id)));
      }),
    );
  });

  it('is read as people write it', () => {
    const reference = claimReferenceOf('00c1f0aa-0821-5aaa-8bbb-000000000000');
    expect(reference).toMatch(/^MG-[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/);
    const sloppy = reference.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l');
    expect(idsOfReference(sloppy)).toEqual(idsOfReference(reference));
  });

  it.each([
    '',
    'MG',
    'MG-0000-0000-000',
    'MG-0000-0000-00000',
    'XX-0000-0000-0000',
    'MG-0000-0000-000U',
    'MG-0000-0000-000é',
  ])('is not %j', (text) => expect(idsOfReference(text)).toBeNull());
});
