import { parseInstant } from '#libs/kernel';
import { UsageError } from '../errors.js';
import { findStack } from '../stack/client.js';
import { table } from '../terminal/layout.js';
import type { Terminal } from '../terminal/terminal.js';
import type { StackSelector } from './options.js';

type JsonOption = { readonly json?: boolean };

interface Applied {
  readonly id: string;
  readonly applied: boolean;
}

interface Listed {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly effect: string;
  readonly scope: string | null;
  readonly reason: string;
  readonly withdrawnAt: string | null;
}

/** `disruption declare`: promises that overlap it are decided anew, those with a verdict too. */
export async function declareDisruption(
  options: StackSelector &
    JsonOption & {
      readonly from: string;
      readonly to: string;
      readonly reason: string;
      readonly effect?: string;
      readonly scope?: string;
    },
  terminal: Terminal,
): Promise<void> {
  const { from, to, reason, effect, scope } = options;
  for (const [name, text] of Object.entries({ from, to })) {
    if (parseInstant(text) !== null) continue;
    throw new UsageError({
      code: 'INSTANT_INVALID',
      detail: `--${name} as RFC 3339 with an offset → ${JSON.stringify(text)}`,
      advice: 'for example 2018-05-21T00:00:00-03:00',
    });
  }
  const wanted = { from, to, reason, ...(effect ? { effect } : {}), ...(scope ? { scope } : {}) };
  const declared = await findStack(options).post<Applied>('sla-timer', '/disruptions', wanted);
  if (options.json) return terminal.json(declared);
  terminal.line(`✓ disruption ${declared.id} declared${appliedText(declared)}`);
  terminal.line(`  take it back: ./makegood disruption withdraw ${declared.id}`);
}

/** `disruption list`: all that were ever declared. */
export async function listDisruptions(options: StackSelector & JsonOption, terminal: Terminal): Promise<void> {
  const client = findStack(options);
  const disruptions: Listed[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const path: string = `/disruptions?limit=1000&cursor=${encodeURIComponent(cursor)}`;
    const page: { disruptions: Listed[]; cursor: string | null } = await client.get('sla-timer', path);
    disruptions.push(...page.disruptions);
    cursor = page.cursor;
  }
  if (options.json) return terminal.json(disruptions);
  if (disruptions.length === 0) return terminal.line('no disruptions: ./makegood disruption declare --help');
  const rows = disruptions.map(({ id, from, to, effect, scope, withdrawnAt, reason }) => [
    id,
    from,
    to,
    effect,
    scope ?? 'every promise',
    withdrawnAt === null ? '✓ stands' : '✗ withdrawn',
    reason,
  ]);
  for (const line of table(['id', 'from', 'to', 'effect', 'scope', 'state', 'reason'], rows)) terminal.line(line);
}

/** `disruption withdraw ID`: what it excused is answered for again. */
export async function withdrawDisruption(
  id: string,
  options: StackSelector & JsonOption & { readonly reason?: string },
  terminal: Terminal,
): Promise<void> {
  const path = `/disruptions/${encodeURIComponent(id)}`;
  const body = options.reason ? { reason: options.reason } : {};
  const withdrawn = await findStack(options).delete<Applied>('sla-timer', path, body);
  if (options.json) return terminal.json(withdrawn);
  terminal.line(`✓ disruption ${withdrawn.id} withdrawn${appliedText(withdrawn)}`);
}

export function appliedText({ applied }: { readonly applied: boolean }): string {
  return applied ? '' : '; it is in the log, the services are still at it';
}
