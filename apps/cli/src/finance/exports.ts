import { writeFile } from 'node:fs/promises';
import type { StackSelector } from '../commands/options.js';
import { findStack } from '../stack/client.js';
import type { Terminal } from '../terminal/terminal.js';

export interface ExportOptions extends StackSelector {
  readonly json?: boolean;
  readonly key?: string;
  readonly format?: 'csv' | 'pain.001';
  readonly route?: string;
  readonly currency?: string;
  readonly executeOn?: string;
  readonly out?: string;
  readonly reason?: string;
}

interface ShownExport {
  readonly number: number;
  readonly kind?: string;
  readonly format?: string;
  readonly lineCount?: number;
  readonly hash?: string | null;
  readonly madeAt?: string;
}

/** `export list` */
export async function listExports(options: ExportOptions, terminal: Terminal): Promise<void> {
  const { items } = await findStack(options, options.key).get<{ items: ShownExport[] }>('compensation', '/exports');
  if (options.json) return terminal.json({ items });
  terminal.line(items.length === 0 ? 'no exports yet' : `${items.length} exports`);
  for (const item of items) terminal.line(`  ${describe(item)}`);
}

/** `export pending`: what waits, as CSV on standard output or into a file; nothing is handed over. */
export async function pendingLines(options: ExportOptions, terminal: Terminal): Promise<void> {
  const query = options.route === undefined ? '' : `?route=${encodeURIComponent(options.route)}`;
  await put(
    await findStack(options, options.key).get<string>('compensation', `/exports/pending.csv${query}`),
    options,
    terminal,
  );
}

/** `export make`: hands over what waits, in one numbered artefact. */
export async function makeExport(options: ExportOptions, terminal: Terminal): Promise<void> {
  const { format = 'csv', route, currency, executeOn } = options;
  const body = {
    format,
    ...(route ? { route } : {}),
    ...(currency ? { currency } : {}),
    ...(executeOn ? { executeOn } : {}),
  };
  const made = await findStack(options, options.key).post<ShownExport>('compensation', '/exports', body);
  if (options.json) terminal.json(made);
  else terminal.line(`✓ ${describe(made)}`);
  if (options.out !== undefined) await showExport(String(made.number), options, terminal);
}

/** `export show N`: its bytes, the same each time. */
export async function showExport(number: string, options: ExportOptions, terminal: Terminal): Promise<void> {
  await put(
    await findStack(options, options.key).get<string>('compensation', `/exports/${number}/file`),
    options,
    terminal,
  );
}

/** `export withdraw N`: takes back what is not paid, by a new artefact. */
export async function withdrawExport(number: string, options: ExportOptions, terminal: Terminal): Promise<void> {
  const body = { reason: options.reason ?? 'withdrawn' };
  const made = await findStack(options, options.key).post<ShownExport>(
    'compensation',
    `/exports/${number}/withdraw`,
    body,
  );
  if (options.json) terminal.json(made);
  else terminal.line(`✓ ${describe(made)}`);
}

async function put(text: string, { out }: ExportOptions, terminal: Terminal): Promise<void> {
  if (out === undefined) return terminal.line(text.trimEnd());
  await writeFile(out, text);
  terminal.note(`  ✓ written to ${out}`);
}

function describe({ number, kind, format, lineCount, hash, madeAt }: ShownExport): string {
  if (kind === undefined) return `export ${number}: its lines are on their way through the log`;
  const digest = hash ? `  sha256 ${hash.slice(0, 12)}…` : '';
  return `export ${number}  ${kind}  ${format}  ${lineCount} lines  ${madeAt}${digest}`;
}
