import { resolve } from 'node:path';
import { ProblemError } from '#libs/kernel';
import type { StackClient } from '../stack/client.js';
import type { Terminal } from '../terminal/terminal.js';
import { readTotals, writeTotals } from './outcome.js';
import type { ReplayReport } from './report.js';

/** The guarantee that watches payouts (guarantees/payout.yaml). */
const PAYOUT = 'payout';

/** Asked for now, or when the stack of this folder was started. */
export function watchesPayouts(isAsked: boolean, dataDir: string | undefined): boolean {
  return isAsked || (dataDir !== undefined && readTotals(resolve(dataDir)).payouts === true);
}

/** @throws ProblemError where payouts were asked for and nobody would tell them, or watch them. */
export async function expectPayouts(client: StackClient, joined: boolean): Promise<void> {
  const totals = readTotals(client.dataDir);
  if (joined && totals.payouts !== true) {
    throw new ProblemError({
      code: 'PAYOUTS_OFF',
      detail: `payouts told by the stack in ${client.dataDir} → it was started without --payouts`,
      advice: 'stop it (./makegood down) and replay into a new folder with --payouts',
    });
  }
  const { guarantees } = await client.get<{ guarantees: { name: string }[] }>('sla-timer', '/guarantees');
  if (!guarantees.some(({ name }) => name === PAYOUT)) {
    throw new ProblemError({
      code: 'PAYOUT_UNWATCHED',
      detail: 'a guarantee named payout among those of the stack → there is none, so no payout would be a promise',
      advice: 'copy guarantees/payout.yaml into the folder that --guarantees names',
    });
  }
  writeTotals(client.dataDir, { ...totals, payouts: true });
}

/** Why a report with `--payouts` may be without any. */
export function tellNoPayouts({ promises }: ReplayReport, terminal: Terminal): void {
  if (promises[PAYOUT] !== undefined) return;
  terminal.note('  no payout was promised: no line of money says by when it is paid (payWithin, payBy)');
}
