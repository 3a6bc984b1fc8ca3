import { findStack, type StackClient } from '../stack/client.js';
import { count, table } from '../terminal/layout.js';
import type { Terminal } from '../terminal/terminal.js';
import { appliedText } from './disruption.js';
import type { StackSelector } from './options.js';

type JsonOption = { readonly json?: boolean };

interface Letter {
  readonly id: string;
  readonly at: string;
  readonly service: string;
  readonly reason: string;
  readonly detail: string;
  readonly subject: string;
  readonly topic: string;
  readonly status: string;
  readonly decidedBy: string | null;
  readonly decideReason: string | null;
}

interface OpenLetters {
  readonly count: number;
  readonly oldestAt: string | null;
  readonly ageSeconds: number;
  readonly byReason: readonly {
    readonly service: string;
    readonly reason: string;
    readonly count: number;
    readonly oldestAt: string;
    readonly ageSeconds: number;
  }[];
}

interface Orphan {
  readonly subject: string;
  readonly expiredAt: string;
  readonly facts: number;
  readonly types: string;
}

/** So many are shown; more are asked for over HTTP, page by page. */
const LISTED_MAX = 1_000;

/** `dlq list`: letters that nobody has decided; `--all` the others too; `--orphans` facts whose promise never came. */
export async function listLetters(
  options: StackSelector & JsonOption & { readonly all?: boolean; readonly orphans?: boolean },
  terminal: Terminal,
): Promise<void> {
  const client = findStack(options);
  if (options.orphans) return listOrphans(client, options, terminal);
  const path = `/dlq?limit=${LISTED_MAX}&status=${options.all ? 'all' : 'open'}`;
  const { letters, open } = await client.get<{ letters: Letter[]; open: OpenLetters }>('intake', path);
  if (options.json) return terminal.json(letters);
  if (letters.length === 0) return terminal.line('✓ no dead letters');
  for (const line of openText(open)) terminal.line(line);
  const rows = letters.map(({ id, at, service, reason, subject, status }) => [
    id,
    at,
    service,
    reason,
    subject,
    status,
  ]);
  for (const line of table(['id', 'at', 'service', 'reason', 'subject', 'status'], rows)) terminal.line(line);
}

/** How many wait, for how long, and why. */
export function openText({ count: all, ageSeconds, byReason }: OpenLetters): string[] {
  if (all === 0) return ['✓ none is open', ''];
  const rows = byReason.map(({ service, reason, count: n, ageSeconds: age }) => [
    reason,
    service,
    count(n),
    ageText(age),
  ]);
  return [
    `${count(all)} open, the oldest for ${ageText(ageSeconds)}`,
    ...table(['reason', 'service', 'open', 'oldest'], rows),
    '',
  ];
}

function ageText(ageSeconds: number): string {
  const [days, hours, minutes] = [86_400, 3_600, 60].map((unit) => Math.floor(ageSeconds / unit)) as [
    number,
    number,
    number,
  ];
  if (days > 1) return `${days} days`;
  if (hours > 1) return `${hours} h`;
  return minutes > 1 ? `${minutes} min` : `${ageSeconds} s`;
}

async function listOrphans(client: StackClient, options: JsonOption, terminal: Terminal): Promise<void> {
  const found = await client.get<{ expired: number; orphans: Orphan[] }>('sla-timer', `/orphans?limit=${LISTED_MAX}`);
  if (options.json) return terminal.json(found);
  terminal.line(`${count(found.expired)} subjects have expired without a promise; the newest with facts:`);
  const rows = found.orphans.map(({ subject, expiredAt, facts, types }) => [subject, expiredAt, String(facts), types]);
  for (const line of table(['subject', 'expired', 'facts', 'types'], rows)) terminal.line(line);
}

/** `dlq show ID`: the letter with its original. */
export async function showLetter(id: string, options: StackSelector & JsonOption, terminal: Terminal): Promise<void> {
  const client = findStack(options);
  const letter = await client.get<Letter & { original: string; partition: number; offset: string }>(
    'intake',
    `/dlq/${encodeURIComponent(id)}`,
  );
  if (options.json) return terminal.json(letter);
  terminal.line(`${letter.reason}  ${letter.detail}`);
  terminal.line(`  ${letter.topic}, partition ${letter.partition}, offset ${letter.offset}, at ${letter.at}`);
  terminal.line(`  could not be taken by ${letter.service}; subject ${letter.subject}; ${letter.status}`);
  if (letter.decidedBy !== null)
    terminal.line(`  ${letter.status} by ${letter.decidedBy}: ${letter.decideReason ?? ''}`);
  terminal.line(letter.original);
}

/** `dlq replay ID` and `dlq discard ID`. */
export async function decideLetter(
  what: 'replay' | 'discard',
  id: string,
  options: StackSelector & JsonOption & { readonly reason: string },
  terminal: Terminal,
): Promise<void> {
  const { reason } = options;
  const path = `/dlq/${encodeURIComponent(id)}/${what}`;
  const decided = await findStack(options).post<{ id: string; status: string; applied: boolean }>('intake', path, {
    reason,
  });
  if (options.json) return terminal.json(decided);
  terminal.line(`✓ letter ${decided.id} ${decided.status}${appliedText(decided)}`);
}
