import { describeDuration, formatInstant, formatMoney, parseInstant, POINTS_CURRENCY, type Money } from '#libs/kernel';
import { table, wrap } from '../terminal/layout.js';
import type { Explained } from './explain.js';
import type { CompensationDocument, LineDocument, PromiseDocument } from './documents.js';

/** One promise explained in 80 columns: the verdict in a sentence, its facts, its rule, the arithmetic of the money. */
export function explanationLines({ promise: document, compensation }: Explained): string[] {
  const { promise } = document;
  return [
    `${mark(promise.verdict)} ${promise.verdict ?? promise.state}: ${promise.subject} under ${promise.guarantee} v${promise.guaranteeVersion}`,
    ...wrap(`  ${promise.explanation[0] ?? ''}`, '  ').filter((line) => line.trim() !== ''),
    ...promise.explanation.slice(1).flatMap((reason, i) => wrap(`  ${i + 1}. ${reason}`, '     ')),
    '',
    ...factLines(document),
    '',
    ...ruleLines(document),
    '',
    ...moneyLines(compensation),
  ];
}

function mark(verdict: string | null): string {
  if (verdict === 'kept') return '✓';
  return verdict === 'breached' ? '✗' : '•';
}

function factLines({ promise, facts }: PromiseDocument): string[] {
  const shown = facts ?? promise.evidence;
  const used = new Set(promise.evidence.map(({ source, id }) => `${source} ${id}`));
  const rows = shown.map((fact) => [
    used.has(`${fact.source} ${fact.id}`) ? '•' : ' ',
    instant(fact.occurredAt),
    fact.type,
    fact.receivedAt === fact.occurredAt ? '' : `learned ${instant(fact.receivedAt)}`,
  ]);
  const ids = shown.flatMap((fact) => wrap(`    ${fact.type}: ${fact.source} ${fact.id}`, '      '));
  return [
    'Facts (UTC; • counts for the verdict)',
    ...table(['', 'happened', 'what', ''], rows)
      .slice(1)
      .map((line) => `  ${line}`),
    ...ids,
  ];
}

function ruleLines({ promise, rule, timeline, correctionEndsAt }: PromiseDocument): string[] {
  const opened = parseInstant(promise.openedAt);
  const due = parseInstant(promise.dueAt);
  const completed = parseInstant(promise.completedAt);
  const sums: string[] = [];
  if (opened !== null && due !== null)
    sums.push(
      `opened ${instant(promise.openedAt)}, due ${instant(promise.dueAt)} (${describeDuration(due - opened)} later)`,
    );
  if (completed !== null && due !== null) {
    sums.push(
      `done ${instant(promise.completedAt as string)}: ${describeDuration(completed - due)} ${completed > due ? 'after' : 'before'} the due`,
    );
  }
  const said = (timeline ?? []).map(({ kind, decidedAt }) => `${instant(decidedAt)} ${kind}`).join(' → ');
  return [
    'Rule',
    ...wrap(
      `  ${rule ? `${rule.file} (${rule.name} v${rule.version})` : `${promise.guarantee} v${promise.guaranteeVersion}`}, a ${promise.promiseType} promise to ${promise.customer}`,
      '  ',
    ),
    ...sums.flatMap((sum) => wrap(`  ${sum}`, '  ')),
    ...(said ? wrap(`  said: ${said}`, '  ') : []),
    ...(correctionEndsAt ? [`  may be corrected by facts received until ${instant(correctionEndsAt)}`] : []),
  ];
}

function moneyLines(compensation: CompensationDocument | null): string[] {
  const lines = compensation?.lines ?? [];
  if (lines.length === 0) return ['Made good', '  nothing is owed'];
  const entries = compensation?.ledger ?? [];
  const ledger = entries.map((entry) => [
    entry.account,
    formatMoney({ amountMinor: Number(entry.amountMinor), currency: entry.currency }),
    entry.reason ?? '',
  ]);
  return [
    'Made good',
    ...lines.flatMap(lineLines),
    ...(ledger.length > 0
      ? ['', 'Ledger', ...table(['account', 'amount', 'why'], ledger).map((line) => `  ${line}`)]
      : []),
  ];
}

function lineLines(line: LineDocument): string[] {
  const amount = amountOf(line);
  const head = `  ${line.kind ?? 'line'}${amount ? ` ${amount}` : ''}${line.state ? `: ${line.state}` : ''}  (key ${line.lineId})`;
  const said = [...(line.explanation ?? []), ...decisionsOf(line)];
  return [...wrap(head, '    '), ...said.flatMap((text) => wrap(`    ${text}`, '    '))];
}

/** Who let it go, and what still holds it. */
function decisionsOf({ hold }: LineDocument): string[] {
  const approved = (hold?.approvals ?? []).map(
    ({ by, atMs, reason }) =>
      `approved by ${by}, ${instant(formatInstant(atMs))}${reason === null ? '' : `: ${reason}`}`,
  );
  const reasons = hold?.reasons ?? [];
  return reasons.length === 0 ? approved : [...approved, `held: ${reasons.join(', ')}`];
}

function amountOf(line: LineDocument): string {
  if (line.amount) return formatMoney(line.amount as Money);
  if (line.points !== undefined) return `${line.points} points`;
  if (line.currency && line.amountMinor !== undefined) {
    if (line.currency === POINTS_CURRENCY) return `${line.amountMinor} points`;
    return formatMoney({ amountMinor: line.amountMinor, currency: line.currency });
  }
  return '';
}

/** "2026-03-04 10:00", seconds only where there are any. */
function instant(text: string): string {
  const [date = '', time = ''] = text.split('T');
  return `${date} ${time.endsWith(':00.000Z') ? time.slice(0, 5) : time.slice(0, 8)}`;
}
