import type { CliConfig } from '../config.js';
import { findStack } from '../stack/client.js';
import { count } from '../terminal/layout.js';
import type { Terminal } from '../terminal/terminal.js';
import { rereadVerdicts } from './reread.js';

interface Balances {
  readonly balances: readonly { readonly account: string; readonly currency: string; readonly balanceMinor: number }[];
}

const SHOWN_MAX = 20;

/** `verify`: what the stack said against what its log and its books say; prints what disagrees. @returns exit code. */
export async function verify(
  options: { readonly dataDir?: string; readonly portBase?: number; readonly json?: boolean },
  config: CliConfig,
  terminal: Terminal,
): Promise<number> {
  const client = findStack(options);
  const reread = await terminal.busy('reading the log again', () => rereadVerdicts(client, config));
  const { balances } = await client.get<Balances>('compensation', '/ledger/balances');
  const sums = new Map<string, number>();
  for (const { currency, balanceMinor } of balances) sums.set(currency, (sums.get(currency) ?? 0) + balanceMinor);
  const unbalanced = [...sums].filter(([, sumMinor]) => sumMinor !== 0).map(([currency]) => currency);
  const passed = reread.differences.length === 0 && unbalanced.length === 0;
  if (options.json) {
    terminal.json({ passed, events: reread.events, differences: reread.differences, unbalanced });
    return passed ? 0 : 1;
  }
  const mark = (good: boolean): string => (good ? '✓' : '✗');
  terminal.line(
    `${mark(reread.differences.length === 0)} verdicts from facts: ${count(reread.events)} promise events, ${count(reread.differences.length)} differ when the log is read again`,
  );
  for (const key of reread.differences.slice(0, SHOWN_MAX)) terminal.line(`    ${key}`);
  terminal.line(
    `${mark(unbalanced.length === 0)} ledger: ${unbalanced.length === 0 ? 'sums to zero in every currency' : `does not sum to zero in ${unbalanced.join(', ')}`}`,
  );
  return passed ? 0 : 1;
}
