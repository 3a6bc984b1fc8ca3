import { findStack } from '../stack/client.js';
import { count, table } from '../terminal/layout.js';
import type { Terminal } from '../terminal/terminal.js';
import { appliedText } from './disruption.js';
import type { StackSelector } from './options.js';

interface DryRun {
  readonly promises: number;
  readonly changed: number;
  readonly verdictsFlipped: number;
  readonly money: Readonly<Record<string, number>>;
  readonly changes: readonly {
    readonly subject: string;
    readonly oldDueAt: string;
    readonly newDueAt: string;
    readonly oldVerdict: string | null;
    readonly newVerdict: string | null;
    readonly money: Readonly<Record<string, number>>;
  }[];
}

const SHOWN_MAX = 20;

/** `rebase GUARANTEE`: open promises move to the calendars and tables active now; `--dry-run` shows what that would do. */
export async function rebase(
  guarantee: string,
  options: StackSelector & { readonly json?: boolean; readonly dryRun?: boolean },
  terminal: Terminal,
): Promise<void> {
  const client = findStack(options);
  if (options.dryRun !== true) {
    const done = await client.post<{ id: string; applied: boolean }>('sla-timer', '/rebase', { guarantee });
    if (options.json) return terminal.json(done);
    return terminal.line(`✓ open promises of ${guarantee} rebased${appliedText(done)}`);
  }
  const run = await client.post<DryRun>('sla-timer', '/rebase', { guarantee, dryRun: true });
  if (options.json) return terminal.json(run);
  terminal.line(
    `${count(run.promises)} promises of ${guarantee} can still change: ${count(run.changed)} would, ${count(run.verdictsFlipped)} of their verdicts would flip; money: ${moneyText(run.money)}`,
  );
  const rows = run.changes
    .slice(0, SHOWN_MAX)
    .map(({ subject, oldDueAt, newDueAt, oldVerdict, newVerdict, money }) => [
      subject,
      oldDueAt,
      newDueAt,
      `${oldVerdict ?? 'open'} → ${newVerdict ?? 'open'}`,
      moneyText(money),
    ]);
  if (rows.length > 0)
    for (const line of table(['subject', 'due', 'new due', 'verdict', 'money'], rows)) terminal.line(line);
  if (run.changed > rows.length)
    terminal.line(`… and ${count(run.changed - rows.length)} more (--json shows a thousand)`);
}

function moneyText(money: Readonly<Record<string, number>>): string {
  const parts = Object.entries(money).map(
    ([currency, minor]) => `${minor > 0 ? '+' : ''}${minor} ${currency} (minor units)`,
  );
  return parts.length === 0 ? 'none' : parts.join(', ');
}
