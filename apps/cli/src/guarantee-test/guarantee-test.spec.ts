import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../stack/project.js';
import type { Terminal } from '../terminal/terminal.js';
import { testGuarantees } from './guarantee-test.js';

const FOLDER = join(PROJECT_ROOT, 'guarantees');
const shipped = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

async function told(files: string[], options = {}): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = [];
  const terminal = {
    line: (text: string) => lines.push(text),
    json: (value: unknown) => lines.push(JSON.stringify(value)),
  };
  return { code: await testGuarantees(files, options, terminal as unknown as Terminal), lines };
}

const GUARANTEE = `apiVersion: makegood/v1
kind: Guarantee
name: meal
version: 1
title: A meal within ten minutes
promiseType: service
currency: EUR
timeZone: Europe/Berlin
opens: { on: meal.ordered }
due: { within: PT10M }
evidence: { kept: [{ on: meal.served }] }
remedies: [{ id: coffee, kind: points, points: 50 }]
`;

describe('guarantee test', () => {
  let dir = '';
  const file = (): string => join(dir, 'meal.yaml');
  const write = (cases: unknown): void => writeFileSync(join(dir, 'meal.cases.json'), JSON.stringify(cases));
  const events = [
    { type: 'meal.ordered', at: '2026-06-01T12:00:00+02:00' },
    { type: 'meal.served', at: '2026-06-01T12:12:00+02:00' },
  ];

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'meal-'));
    writeFileSync(file(), GUARANTEE);
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('finds everything as expected in the guarantees that ship, each of which has cases', async () => {
    expect(shipped.filter((name) => !existsSync(join(FOLDER, name.replace('.yaml', '.cases.json'))))).toEqual([]);
    const { code, lines } = await told(shipped.map((name) => join(FOLDER, name)));
    expect(lines).toEqual([expect.stringMatching(/^✓ \d\d as expected$/)]);
    expect(code).toBe(0);
  });

  it('says what came out otherwise, aligned, and because of what', async () => {
    write([{ id: 'late', events, expected: { verdict: 'kept', lateBy: 'PT1M', compensation: [] } }]);
    const { code, lines } = await told([file()]);
    expect(code).toBe(1);
    expect(lines).toEqual([
      '✗ meal late',
      '  verdict       expected kept     got breached',
      '  lateBy        expected PT1M     got 2 min',
      '  compensation  expected nothing  got 50 points',
      expect.stringMatching(/^ {2}because Missed by 2 min: .*meal\.yaml v1, line 10\)\.$/),
      '✗ 0 as expected, 1 not',
    ]);
  });

  it('tells more on demand, and takes the file of cases too', async () => {
    const late = {
      id: 'late',
      events,
      expected: { lateBy: 'PT2M', compensation: [{ kind: 'points', amountMinor: 50 }] },
    };
    write([late, { id: 'two', events, expected: [{}, {}] }]);
    const { lines } = await told([join(dir, 'meal.cases.json')], { verbose: true });
    expect(lines.slice(0, 3)).toEqual(['✓ meal late: as expected', '✗ meal two', '  promises  expected 2  got 1']);
    const json = await told([file()], { json: true });
    expect(JSON.parse(json.lines[0] ?? '')).toMatchObject({ passed: 1, failed: 1, failures: [{ id: 'two' }] });
  });

  it.each([
    ['{', 'the file is no JSON'],
    [{ id: 'x' }, 'a list of cases was expected'],
    [[{ events }], 'a case needs id, events and expected'],
    [[{ id: 'x', input: {}, expected: {} }], 'case x has no events'],
    [[{ id: 'x', events, expected: {}, extra: 1 }], 'case x has a field `extra` that there is not'],
    [[{ id: 'x', events: [{ type: 'a', at: 'noon' }], expected: {} }], 'event 1 of case x: `noon` is no instant'],
  ])('refuses cases such as %j', async (cases, detail) => {
    if (typeof cases === 'string') writeFileSync(join(dir, 'meal.cases.json'), cases);
    else write(cases);
    await expect(told([file()])).rejects.toThrow(detail);
  });
});
