import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileGuarantees } from '#libs/guarantees';
import { PROJECT_ROOT } from '../stack/project.js';
import { differences } from './compare.js';
import { checkCases } from './guarantee-cases.js';
import { lateText } from './run-case.js';
import { loadShippedCalendars } from './shipped-calendars.js';
import type { CaseOutcome, SchemeCase } from './scheme-case.js';

const FOLDER = join(PROJECT_ROOT, 'guarantees/schemes');
const SHARED = join(PROJECT_ROOT, '../shared/data/scheme-cases.json');
const casesIn = (file: string): SchemeCase[] => JSON.parse(readFileSync(file, 'utf8')) as SchemeCase[];
const wrong = async (cases: readonly SchemeCase[]): Promise<string[]> =>
  (await checkCases(cases)).flatMap(({ id, differences: found }) =>
    found.length === 0 ? [] : [`${id} ${found.join('; ')}`],
  );

describe('guarantee cases', () => {
  it('hold for every scheme that ships, each with cases of its own', async () => {
    const schemes = readdirSync(FOLDER).flatMap((name) => /^(.+)\.yaml$/.exec(name)?.[1] ?? []);
    expect(schemes.length).toBe(39);
    const cases = schemes.flatMap((scheme) => casesIn(join(FOLDER, `${scheme}.cases.json`)));
    expect(new Set(cases.map(({ scheme }) => scheme)).size).toBe(39);
    expect(await wrong(cases)).toEqual([]);
  });

  it('have guarantees that can be activated as one set, with the calendars beside them', async () => {
    const names = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.yaml'));
    const calendarOf = await loadShippedCalendars();
    const calendars = names(join(FOLDER, 'calendars')).map((file) => ({
      kind: 'calendar' as const,
      file,
      text: '',
      compiled: JSON.stringify(calendarOf(file.replace('.yaml', ''))),
    }));
    const guarantees = names(FOLDER).map((file) => ({ file, text: readFileSync(join(FOLDER, file), 'utf8') }));
    const set = [...guarantees, ...calendars];
    expect(compileGuarantees(set).problems).toBeUndefined();
  });

  it('hold for the published cases, where they are there', async () => {
    if (!existsSync(SHARED)) return console.log(`${SHARED} is not here: published cases not checked`);
    expect(await wrong(casesIn(SHARED))).toEqual([]);
  });

  it('tell what differs, field by field', async () => {
    const line = { kind: 'refund', amountMinor: 1, currency: 'EUR' };
    const other = { kind: 'apology', amountMinor: 0, currency: 'EUR' };
    const outcome: CaseOutcome = {
      breached: true,
      lateBy: 'PT0S',
      compensation: [line, other],
      reasonCode: 'compensated',
    };
    expect(differences(outcome, { ...outcome, lateBy: 'P0D', compensation: [other, line] })).toEqual([]);
    expect(differences(outcome, { ...outcome, lateBy: 'PT1S' })).toEqual(['lateBy: expected "PT0S", got "PT1S"']);
    expect(
      differences(outcome, { breached: false, lateBy: null, compensation: [line], reasonCode: 'kept' }).length,
    ).toBe(4);
    const [unknown] = await checkCases([{ id: 'x', scheme: 'nobody', input: {} as never, expected: outcome }]);
    expect(unknown?.differences[0]).toMatch('there is no nobody.yaml');
  });

  it('write lateness in whole seconds, hours not folded into days', () => {
    expect([0, 999, 1_000, 3_661_999, 93_600_000].map((latenessMs) => lateText({ latenessMs, days: null }))).toEqual([
      'PT0S',
      'PT0S',
      'PT1S',
      'PT1H1M1S',
      'PT26H',
    ]);
    expect(lateText({ latenessMs: 172_800_000, days: 2 })).toBe('P2D');
  });
});
