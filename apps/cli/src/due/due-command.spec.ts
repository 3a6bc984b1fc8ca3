import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { Terminal } from '../terminal/terminal.js';
import { addDueCommand } from './due-command.js';

const CALENDAR = join(mkdtempSync(join(tmpdir(), 'makegood-due-')), 'office.yaml');
writeFileSync(CALENDAR, 'apiVersion: makegood/v1\nkind: Calendar\nname: office\ntimeZone: Europe/Berlin\nweek: { mon-fri: [09:00-17:00] }\nholidays: { dates: [2026-12-25, 2027-01-01] }\n'); // prettier-ignore

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const told = { code: 0, out: '', err: '' };
  const terminal = new Terminal({ write: (text) => (told.out += text) }, { write: (text) => (told.err += text) }, true);
  const program = new Command().exitOverride();
  addDueCommand(program, terminal, (code) => (told.code = code));
  await program.parseAsync(args, { from: 'user' });
  return told;
}

describe('due', () => {
  const from = ['--from', '2026-12-24T16:30:00+01:00'];

  it('explains working time segment by segment', async () => {
    const { code, out } = await run(
      'due',
      '--calendar',
      CALENDAR,
      ...from,
      '--within',
      'PT4H',
      '--warn-before',
      'PT1H',
    );
    expect([code, out.split('\n').map((line) => line.trimEnd())]).toEqual([0, [
      'due Mon 2026-12-28 12:30  Europe/Berlin  (2026-12-28T11:30:00.000Z)',
      'warn Mon 2026-12-28 11:30  Europe/Berlin  (2026-12-28T10:30:00.000Z)',
      '',
      'from                  until                         lasts       used',
      'Thu 2026-12-24 16:30  Thu 2026-12-24 17:00  open    30 min      30 min',
      'Thu 2026-12-24 17:00  Mon 2026-12-28 09:00  closed  3 d 16 h    30 min',
      'Mon 2026-12-28 09:00  Mon 2026-12-28 12:30  open    3 h 30 min  4 h',
      '',
      '4 h of working time of office from Thu 2026-12-24 16:30.',
      '',
    ]]); // prettier-ignore
  });

  it('counts business days, in JSON too', async () => {
    const { out } = await run('due', '--calendar', CALENDAR, ...from, '--by', 'P5BD');
    expect(out).toContain('due Mon 2027-01-04 17:00');
    expect(out).toMatch(/Fri 2027-01-01 {2}closed\nSat/);
    const json = await run('due', '--calendar', CALENDAR, ...from, '--by', 'P5BD', '--at', '12:00', '--json');
    expect(JSON.parse(json.out)).toMatchObject({ due: '2027-01-04T11:00:00.000Z' });
  });

  it('lets the clock stand in pauses, and says so when one never ends', async () => {
    const pause = ['--elapsed', '--pause', '2026-12-24T18:00:00Z/2026-12-24T19:00:00Z'];
    const { out } = await run('due', '--calendar', CALENDAR, ...from, '--within', 'PT4H', ...pause);
    expect(out).toContain('(2026-12-24T20:30:00.000Z)');
    expect(out).toContain('paused');
    const never = await run('due', ...from, '--within', 'PT4H', '--pause', '2026-12-24T18:00:00Z/');
    expect([never.code, never.out.startsWith('✗ never')]).toEqual([1, true]);
  });

  it.each([
    [['--from', 'x', '--within', 'PT4H'], '--from x'],
    [[...from, '--within', '4h'], '--within 4h'],
    [[...from, '--by', 'soon'], '--by soon'],
    [[...from, '--by', 'P1D', '--at', 'noon'], '--at noon'],
    [[...from, '--within', 'PT1H', '--zone', 'Europe/Berlni'], 'Did you mean Europe/Berlin?'],
    [[...from, '--within', 'PT1H', '--working'], 'needs --calendar'],
    [from, 'needs --from INSTANT and one of'],
  ])('refuses %j', async (args, words) => {
    await expect(run('due', ...args)).rejects.toThrow(words);
  });

  it('tells a mistake in a calendar with its place', async () => {
    const broken = `${CALENDAR}.broken`;
    writeFileSync(broken, 'apiVersion: makegood/v1\nkind: Calendar\nname: x\ntimeZone: UTC\nweek: { mon: [9-17] }\n');
    const { code, out } = await run('calendar', 'check', CALENDAR, broken);
    expect([code, out]).toEqual([1, expect.stringContaining('CALENDAR_WINDOW_INVALID')]);
    expect(out).toContain(`✓ ${CALENDAR}: office, Europe/Berlin`);
    expect((await run('due', '--calendar', broken, ...from, '--within', 'PT1H')).code).toBe(1);
  });
});
