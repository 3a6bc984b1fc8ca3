import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problemsFrom } from '../errors.js';
import { Terminal } from '../terminal/terminal.js';
import { loyaltyCases } from './cases.js';

const SAMPLES = { model: 'samples/loyalty-cases.json', calibration: 'samples/loyalty-calibration-cases.json' } as const;
type Kind = keyof typeof SAMPLES;

function run(kind: Kind, file: string): { code: number; told: string } {
  let told = '';
  const stream = { write: (text: string) => (told += text) };
  const terminal = new Terminal(stream, stream, true);
  return { code: loyaltyCases(kind, file, { json: true }, terminal), told };
}

function fileWith(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'makegood-cases-')), 'cases.json');
  writeFileSync(file, text);
  return file;
}

function refusedFor(kind: Kind, text: string): string[] {
  try {
    run(kind, fileWith(text));
  } catch (error) {
    return problemsFrom(error).map(({ code, pointer }) => `${code} ${pointer ?? ''}`);
  }
  throw new Error('was not refused');
}

describe('loyalty cases', () => {
  it.each(['model', 'calibration'] as const)('all samples of %s come out as the reference says', (kind) => {
    const { code, told } = run(kind, SAMPLES[kind]);
    expect(JSON.parse(told)).toEqual({ passed: kind === 'model' ? 24 : 10, failed: 0, failures: [] });
    expect(code).toBe(0);
  });

  it('a number that differs by more than the tolerance is told', () => {
    const text = readFileSync(SAMPLES.calibration, 'utf8').replace('"promise": 65', '"promise": 65.00001');
    const { code, told } = run('calibration', fileWith(text));
    expect(JSON.parse(told)).toMatchObject({ failed: 1 });
    expect(code).toBe(1);
  });

  it('a case that expects nothing known fails', () => {
    const nothing = { cases: [{ n: 1, name: 'x', asOf: 1, events: [], expected: { scores: 3 } }] };
    expect(JSON.parse(run('model', fileWith(JSON.stringify(nothing))).told)).toMatchObject({ failed: 1 });
  });

  it('a file that cannot be meant is refused with every mistake and its place', () => {
    expect(refusedFor('model', '{')).toEqual(['LOYALTY_CASES_INVALID ']);
    expect(refusedFor('model', '{}')).toEqual(['LOYALTY_CASES_INVALID ']);
    expect(refusedFor('calibration', '[]')).toEqual(['LOYALTY_CASES_INVALID /']);
    const events = [
      { id: 'a', type: 'promise.kept', at: 0 },
      { id: 'b', type: 'survey.answered', at: 'today', kind: 'nps', value: 9 },
    ];
    const broken = { cases: [{ n: 1, name: 'x', asOf: 1, events, expected: {} }] };
    expect(refusedFor('model', JSON.stringify(broken))).toEqual([
      'LOYALTY_EVENT_INVALID /cases/0/events/0/type',
      'LOYALTY_EVENT_INVALID /cases/0/events/1/at',
    ]);
    expect(refusedFor('model', '{"cases": [{"asOf": 1}]}')).toEqual([
      'LOYALTY_CASES_INVALID /cases/0/events',
      'LOYALTY_CASES_INVALID /cases/0/expected',
    ]);
  });
});
