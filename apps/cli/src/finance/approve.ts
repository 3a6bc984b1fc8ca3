import { currencyExponent, formatMoney, ProblemError } from '#libs/kernel';
import type { StackSelector } from '../commands/options.js';
import { findStack } from '../stack/client.js';
import type { Terminal } from '../terminal/terminal.js';

interface HeldLine {
  readonly lineId: string;
  readonly guarantee: string;
  readonly subject: string;
  readonly kind: string;
  readonly state: string;
  readonly amount?: { readonly amountMinor: number; readonly currency: string };
  readonly hold?: {
    readonly reasons: readonly string[];
    readonly approvalsNeeded: number;
    readonly approvals: readonly unknown[];
  };
}

export interface DecideOptions extends StackSelector {
  readonly json?: boolean;
  readonly key?: string;
  readonly amount?: string;
  readonly reason?: string;
  readonly guarantee?: string;
  readonly region?: string;
  readonly from?: string;
  readonly to?: string;
}

/** `approve` alone lists what waits; with a line it decides about that, with `--guarantee` about all the breaker holds. */
export async function decide(
  verb: 'approve' | 'reject',
  lineId: string | undefined,
  options: DecideOptions,
  terminal: Terminal,
): Promise<void> {
  const client = findStack(options, options.key);
  if (lineId !== undefined) {
    const body = {
      ...(options.amount === undefined ? {} : { amount: readAmount(options.amount) }),
      ...(options.reason === undefined ? {} : { reason: options.reason }),
    };
    const line = await client.post<HeldLine | { id: string }>('compensation', `/lines/${lineId}/${verb}`, body);
    if (options.json) return terminal.json(line);
    return terminal.line('state' in line ? `✓ ${describe(line)}: ${line.state}` : `accepted as ${line.id}`);
  }
  if (options.guarantee !== undefined) {
    const { guarantee, region, from = '1970-01-01T00:00:00Z', to = '2100-01-01T00:00:00Z', reason } = options;
    const body = { guarantee, ...(region === undefined ? {} : { region }), from, to, reason: reason ?? verb };
    const result = await client.post<{ id: string; lines?: number }>('compensation', `/lines/${verb}`, body);
    if (options.json) return terminal.json(result);
    return terminal.line(result.lines === undefined ? `accepted as ${result.id}` : `✓ ${result.lines} lines: ${verb}`);
  }
  const { items } = await client.get<{ items: HeldLine[] }>('compensation', '/compensations?state=held&limit=1000');
  if (options.json) return terminal.json({ items });
  terminal.line(items.length === 0 ? 'nothing is held' : `${items.length} lines are held`);
  for (const item of items) terminal.line(`  ${item.lineId}  ${describe(item)}`);
}

function describe({ kind, subject, guarantee, amount, hold }: HeldLine): string {
  const approvals = hold
    ? ` (${hold.reasons.join(', ') || 'let go'}; ${hold.approvals.length} of ${hold.approvalsNeeded})`
    : '';
  return `${kind} ${amount ? formatMoney(amount) : ''} for ${subject}, ${guarantee}${approvals}`;
}

/** "60.00 EUR" */
function readAmount(text: string): { amountMinor: number; currency: string } {
  const match = /^(\d{1,15})(?:\.(\d+))? ?([A-Z]{3})$/.exec(text.trim());
  const currency = match?.[3] ?? '';
  const digits = currencyExponent(currency);
  const fraction = match?.[2] ?? '';
  if (match && fraction.length <= digits)
    return { amountMinor: Number(`${match[1]}${fraction.padEnd(digits, '0')}`), currency };
  throw new ProblemError({
    code: 'AMOUNT_INVALID',
    detail: `--amount "60.00 EUR" → "${text}"`,
    advice: 'write the amount as ./makegood approve shows it',
  });
}
