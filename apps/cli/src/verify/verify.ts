import type { CliConfig } from '../config.js';
import { findStack, type StackClient } from '../stack/client.js';
import { count } from '../terminal/layout.js';
import type { Terminal } from '../terminal/terminal.js';
import { rereadVerdicts } from './reread.js';

interface Balances {
  readonly balances: readonly { readonly account: string; readonly currency: string; readonly balanceMinor: number }[];
}

interface Finding {
  readonly check: string;
  readonly id: string;
  readonly found: string;
  readonly expected: string;
  readonly lookAt: string;
}

interface Page {
  readonly checked: number;
  readonly findings: readonly Finding[];
  readonly next: string | null;
}

interface Checked {
  readonly checked: number;
  readonly findings: readonly Finding[];
}

type Service = 'sla-timer' | 'compensation';

const SHOWN_MAX = 20;
const PAGE_ROWS = 1_000;

/** `verify`: what the stack said against what its log and its books say; prints what disagrees. @returns exit code. */
export async function verify(
  options: { readonly dataDir?: string; readonly portBase?: number; readonly json?: boolean },
  config: CliConfig,
  terminal: Terminal,
): Promise<number> {
  const client = findStack(options);
  const reread = await terminal.busy('reading the log again', () => rereadVerdicts(client, config));
  const subjects = await terminal.busy('folding facts anew', () => checkAll(client, 'sla-timer'));
  const books = await terminal.busy('computing entitlements anew', () => checkAll(client, 'compensation'));
  const { balances } = await client.get<Balances>('compensation', '/ledger/balances');
  const drift = await client.get<Readonly<Record<string, number>>>('compensation', '/ledger/check');
  const unbalanced = unbalancedIn(balances);
  const drifting = Object.entries(drift).filter(([, count]) => count !== 0);
  const passed =
    reread.differences.length + subjects.findings.length + books.findings.length === 0 &&
    unbalanced.length + drifting.length === 0;
  if (options.json) {
    terminal.json({
      passed,
      events: reread.events,
      differences: reread.differences,
      subjects,
      books,
      drift,
      unbalanced,
    });
    return passed ? 0 : 1;
  }
  const mark = (good: boolean): string => (good ? '✓' : '✗');
  const { differences, events } = reread;
  terminal.line(
    `${mark(differences.length === 0)} verdicts from facts: ${count(events)} promise events, ${count(differences.length)} differ when the log is read again`,
  );
  for (const key of differences.slice(0, SHOWN_MAX)) terminal.line(`    ${key}`);
  for (const line of checkedText('verdicts as stored', 'subjects', subjects)) terminal.line(line);
  for (const line of checkedText('entitlements from verdicts, lines and balances', 'promises', books))
    terminal.line(line);
  terminal.line(
    `${mark(unbalanced.length + drifting.length === 0)} ledger: ${unbalanced.length === 0 ? 'sums to zero in every currency' : `does not sum to zero in ${unbalanced.join(', ')}`}${drifting.map(([check, n]) => `; ${check}: ${count(n)}`).join('')}`,
  );
  return passed ? 0 : 1;
}

/** Every row of a service, page by page, compared with what it is computed from. */
async function checkAll(client: StackClient, service: Service): Promise<Checked> {
  const findings: Finding[] = [];
  let checked = 0;
  for (let cursor: string | null = ''; cursor !== null;) {
    const path = `/self-check?limit=${PAGE_ROWS}&cursor=${encodeURIComponent(cursor)}`;
    const page: Page = await client.get<Page>(service, path);
    checked += page.checked;
    findings.push(...page.findings);
    cursor = page.next;
  }
  return { checked, findings };
}

/** What was checked, and of what disagrees: what it is, what it should be, and where to look. */
export function checkedText(what: string, rows: string, { checked, findings }: Checked): string[] {
  const good = findings.length === 0;
  return [
    `${good ? '✓' : '✗'} ${what}: ${count(checked)} ${rows}, ${good ? 'all as computed anew' : `${count(findings.length)} disagree`}`,
    ...findings
      .slice(0, SHOWN_MAX)
      .flatMap(({ check, id, found, expected, lookAt }) => [
        `    ${check} ${id}`,
        `      found ${found}, computed ${expected}`,
        `      look at ${lookAt}`,
      ]),
    ...(findings.length > SHOWN_MAX ? [`    and ${count(findings.length - SHOWN_MAX)} more (--json)`] : []),
  ];
}

function unbalancedIn(balances: Balances['balances']): string[] {
  const sums = new Map<string, number>();
  for (const { currency, balanceMinor } of balances) sums.set(currency, (sums.get(currency) ?? 0) + balanceMinor);
  return [...sums].filter(([, sumMinor]) => sumMinor !== 0).map(([currency]) => currency);
}
