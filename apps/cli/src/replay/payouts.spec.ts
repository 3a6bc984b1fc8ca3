import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StackClient } from '../stack/client.js';
import { readTotals, writeTotals } from './outcome.js';
import { expectPayouts, watchesPayouts } from './payouts.js';

describe('replay --payouts', () => {
  let dataDir: string;
  beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'makegood-payouts-'))));
  afterEach(() => rmSync(dataDir, { recursive: true }));

  const stackWith = (...names: string[]): StackClient =>
    ({ dataDir, get: async () => ({ guarantees: names.map((name) => ({ name })) }) }) as unknown as StackClient;
  const totals = { events: 3, elapsedMs: 5 };

  it('is remembered by the folder of the stack, with what was fed into it', async () => {
    writeTotals(dataDir, totals);
    expect([watchesPayouts(false, dataDir), watchesPayouts(true, dataDir), watchesPayouts(true, undefined)]).toEqual([
      false,
      true,
      true,
    ]);
    await expectPayouts(stackWith('order-delivery', 'payout'), false);
    expect(readTotals(dataDir)).toEqual({ ...totals, payouts: true });
    expect(watchesPayouts(false, dataDir)).toBe(true);
    await expectPayouts(stackWith('payout'), true);
  });

  it('is refused where the running stack tells no payouts, and where nobody watches them', async () => {
    writeTotals(dataDir, totals);
    await expect(expectPayouts(stackWith('payout'), true)).rejects.toMatchObject({ problem: { code: 'PAYOUTS_OFF' } });
    await expect(expectPayouts(stackWith('order-delivery'), false)).rejects.toMatchObject({
      problem: { code: 'PAYOUT_UNWATCHED' },
    });
    expect(readTotals(dataDir)).toEqual(totals);
  });
});
