import { makegood } from './stack.js';

describe('./makegood demo --once', () => {
  it('tells three stories and totals, read back from the topics, and ends by itself', async () => {
    const ran = await makegood(['demo', '--once'], { withinMs: 300_000, env: { NO_COLOR: '1' } });
    expect([ran.code, ran.code === 0 ? '' : ran.stderr]).toEqual([0, '']);
    for (const word of [
      'missed',
      'refund',
      'retracted',
      'twice',
      'ems-express',
      'hotel-check-in',
      'ledger balanced',
      'no dead letters',
    ]) {
      expect(ran.stdout.toLowerCase()).toContain(word);
    }
    const tooWide = ran.stdout.split('\n').filter((line) => [...line].length > 80);
    expect(tooWide).toEqual([]);
  }, 320_000);
});

describe('usage', () => {
  it('a wrong command names the nearest right one and ends with code 2', async () => {
    const ran = await makegood(['replya']);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('replay');
  }, 60_000);

  it('a stack that is not there: one sentence, what to do, code 1', async () => {
    const ran = await makegood(['explain', 'x', '--data-dir', '/tmp/makegood-nowhere']);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/→/);
    expect(ran.stderr).not.toMatch(/\n\s+at /);
  }, 60_000);
});
