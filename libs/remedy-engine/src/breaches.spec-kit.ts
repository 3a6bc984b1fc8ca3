import type { PromiseEventData } from '#libs/contracts';
import { compileGuarantees, type Guarantee } from '#libs/guarantees';
import { formatInstant } from '#libs/kernel';
import { owed, type Owed } from './owed.js';

export const DUE = Date.parse('2026-06-03T22:59:00Z');
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** The file of a guarantee with these remedies (YAML) and further terms at its root. */
export function termsText(remedies: string, root = '', currency = 'GBP'): string {
  return `apiVersion: makegood/v1
kind: Guarantee
name: sample
version: 1
title: A sample
promiseType: service
currency: ${currency}
timeZone: Europe/London
${root}
opens:
  on: a.opened
  base: { fare: event.data.fare }
  facts: { n: event.data.n, when: event.data.when, list: event.data.list }
due: { within: P3D }
evidence:
  kept: [{ on: a.done }]
remedies:
${remedies}
`;
}

/** The same compiled. */
export function terms(remedies: string, root = '', currency = 'GBP'): Guarantee {
  const text = termsText(remedies, root, currency);
  const { guarantees, problems } = compileGuarantees([{ file: 'guarantees/sample.yaml', text }]);
  if (guarantees?.[0] === undefined) throw new Error(JSON.stringify(problems, null, 2));
  return guarantees[0];
}

/** A breach of it, completed so late; null: still open. */
export function breach(latenessMs: number | null, more: Partial<PromiseEventData> = {}): PromiseEventData {
  const completed = latenessMs === null ? {} : { completedAt: formatInstant(DUE + latenessMs), latenessMs };
  return {
    promiseId: 'p',
    sequence: 2,
    guarantee: 'sample',
    guaranteeVersion: 1,
    mode: 'live',
    promiseType: 'service',
    subject: 's',
    cycle: '',
    customer: 'c',
    parties: { customer: 'c' },
    refs: {},
    state: latenessMs === null ? 'breached' : 'completed-late',
    verdict: 'breached',
    openedAt: '2026-06-01T08:00:00.000Z',
    dueAt: formatInstant(DUE),
    decidedAt: formatInstant(DUE + (latenessMs ?? 0)),
    ...completed,
    base: { fare: { amountMinor: 1590, currency: 'GBP' } },
    facts: {},
    evidence: [],
    explanation: [],
    reasons: [],
    ...more,
  };
}

export const fare = (amountMinor: number, currency = 'GBP') => ({ base: { fare: { amountMinor, currency } } });

export function judged(
  guarantee: Guarantee,
  verdict: PromiseEventData,
  claimAt: string | null = null,
  returned: Record<string, number> = {},
): Owed {
  return owed(guarantee, verdict, {
    claim: claimAt === null ? null : { atMs: Date.parse(claimAt) },
    returned,
  });
}

/** `code amount,amount …` */
export const brief = ({ reasonCode, lines }: Owed): string =>
  [reasonCode, lines.map(({ amountMinor }) => amountMinor).join(',')].join(' ').trim();
