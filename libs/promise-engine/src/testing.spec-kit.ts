import { compileTerms } from '#libs/calendar';
import { compileGuarantees, type Guarantee, type TermsFile } from '#libs/guarantees';
import { parseInstant } from '#libs/kernel';
import {
  decideOnFact,
  fireDue,
  newSubject,
  rebaseSubject,
  reconsider,
  takeIn,
  takeLetter,
  type Announcement,
  type Fact,
  type SubjectState,
  type Terms,
} from './index.js';

/** The clauses that a test wants to vary, each as YAML; `more` stands at the root, `keep` beside the other evidence. */
export interface Clauses {
  readonly version?: number;
  readonly due?: string;
  readonly cycle?: string;
  readonly allowance?: string;
  readonly correction?: string;
  readonly completionLimit?: string;
  readonly announce?: string;
  readonly opens?: string;
  readonly keep?: string;
  readonly more?: string;
}

/** A guarantee like the shipped ones. */
export function guaranteeText(clauses: Clauses = {}): string {
  return `apiVersion: makegood/v1
kind: Guarantee
name: parcel
version: ${clauses.version ?? 1}
title: In time or the postage back
promiseType: delivery
currency: EUR
timeZone: Europe/Berlin
covers: event.data.product == "EMS"
opens:
  on: parcel.accepted
  customer: event.data.customer
  refs: { item: subject }
  base: { postage: event.data.postage }
  ${clauses.opens ?? ''}
due: ${clauses.due ?? '{ at: event.data.promisedAt }'}
evidence:
  kept: [{ on: parcel.delivered }]
  cancelled: [{ on: parcel.withdrawn }]
  allowance: ${clauses.allowance ?? 'PT5M'}
  correction: ${clauses.correction ?? 'P7D'}
  completionLimit: ${clauses.completionLimit ?? 'P365D'}
  ${clauses.keep ?? ''}
announce: ${clauses.announce ?? 'all'}
${clauses.more ?? ''}
remedies:
  - { id: postage, kind: refund, amount: base.postage }
`;
}

const HOUR_MS = 3_600_000;
const NINE_TO_FIVE = [[9 * HOUR_MS, 17 * HOUR_MS]] as const;

/** The calendar `office`: Monday to Friday, nine to five, UTC. */
function office(): TermsFile {
  const week = [...Array.from({ length: 5 }, () => NINE_TO_FIVE), [], []];
  const { calendar } = compileTerms({ name: 'office', timeZone: 'UTC', week, changes: [], holidays: [] }, 'none');
  return { kind: 'calendar', file: 'calendars/office.yaml', text: 'name: office', compiled: JSON.stringify(calendar) };
}

/** The terms of one or several texts, with the office calendar for those that name it. */
export function termsOf(text: string | readonly string[], more: Partial<Terms> = {}): Terms {
  const texts = typeof text === 'string' ? [text] : text;
  const files = texts.map((each, n) => ({ file: `parcel-${n}.yaml`, text: each }));
  const isOffice = texts.some((each) => each.includes('calendar: office'));
  const compiled = compileGuarantees(isOffice ? [...files, office()] : files);
  if (compiled.problems) throw new Error(compiled.problems.map(({ detail }) => detail).join('\n'));
  const active: readonly Guarantee[] = compiled.guarantees;
  return {
    active,
    pinned: (name, version) => active.find((each) => each.name === name && each.version === version) ?? null,
    names: (type) => active.some(({ factTypes }) => factTypes.has(type)),
    disruptions: [],
    silences: [],
    explain: () => ({ explanation: [], reasons: [] }),
    ...more,
  };
}

export const DAY = '2026-06-01T';
export const at = (time: string): number => {
  const instant = parseInstant(time.includes('T') ? time : `${DAY}${time.length === 5 ? `${time}:00` : time}Z`);
  if (instant === null) throw new Error(`no instant: ${time}`);
  return instant;
};

let counted = 0;
/** A fact received `received` (default: when it occurred). */
export function fact(
  type: string,
  occurred: string,
  more: { received?: string; id?: string; data?: Record<string, unknown>; revision?: number } = {},
): Fact {
  const claimedAtMs = at(occurred);
  const receivedAtMs = at(more.received ?? occurred);
  return {
    id: more.id ?? `e${++counted}`,
    source: 'test',
    type,
    subject: 'P-1',
    claimedAtMs,
    occurredAtMs: Math.min(claimedAtMs, receivedAtMs),
    receivedAtMs,
    revision: more.revision ?? 0,
    data: more.data ?? {},
  };
}

export const accepted = (
  occurred: string,
  promisedAt: string,
  more: { received?: string; id?: string; product?: string } = {},
): Fact =>
  fact('parcel.accepted', occurred, {
    ...more,
    data: {
      product: more.product ?? 'EMS',
      customer: 'C-1',
      promisedAt: new Date(at(promisedAt)).toISOString(),
      postage: { amountMinor: 490, currency: 'EUR' },
    },
  });

export type Input =
  | { readonly tick: string }
  | { readonly fact: Fact }
  | { readonly terms: Terms; readonly at: string; readonly rebase?: string }
  /** Word about the subject's one dead letter, at a shard time. */
  | { readonly letter: 'open' | 'replayed' | 'discarded'; readonly at: string };
/** From `at` on other terms hold: a disruption declared or withdrawn, a source silent or back, a version activated. */
export const changes = (terms: Terms, at: string, rebase?: string): Input => ({
  terms,
  at,
  ...(rebase === undefined ? {} : { rebase }),
});
export const tick = (time: string): Input => ({ tick: time });
export const says = (theFact: Fact): Input => ({ fact: theFact });

export interface Outcome {
  readonly state: SubjectState | null;
  readonly announcements: readonly Announcement[];
  /** `kind@decidedAt` in order. */
  readonly said: readonly string[];
  readonly refused: readonly string[];
}

/** Runs one subject's log as sla-timer does: what is due fires at ticks and before each record behind them. */
export function run(start: Terms, inputs: readonly Input[]): Outcome {
  let terms = start;
  let state: SubjectState = newSubject('P-1');
  let shardTimeMs = 0;
  const announcements: Announcement[] = [];
  const refused: string[] = [];
  const fire = (): void => {
    const fired = fireDue(state, terms, shardTimeMs);
    state = fired.state ?? newSubject('P-1');
    announcements.push(...fired.announcements);
  };
  for (const input of inputs) {
    if ('tick' in input) {
      shardTimeMs = Math.max(shardTimeMs, at(input.tick));
      fire();
      continue;
    }
    if ('terms' in input) {
      shardTimeMs = Math.max(shardTimeMs, at(input.at));
      fire();
      terms = input.terms;
      const decided =
        input.rebase === undefined
          ? reconsider(state, terms, shardTimeMs, shardTimeMs)
          : rebaseSubject(state, input.rebase, terms, shardTimeMs, shardTimeMs);
      state = decided.state ?? newSubject('P-1');
      announcements.push(...decided.announcements);
      continue;
    }
    if ('letter' in input) {
      shardTimeMs = Math.max(shardTimeMs, at(input.at));
      fire();
      const told = takeLetter(state, { id: 'L', status: input.letter }, shardTimeMs);
      const decided = reconsider(told, terms, shardTimeMs, shardTimeMs);
      state = decided.state ?? told;
      announcements.push(...decided.announcements);
      continue;
    }
    fire();
    const taken = takeIn(state, input.fact);
    if (taken.kind === 'refused') refused.push(taken.reason);
    if (taken.kind !== 'new') continue;
    const decided = decideOnFact(taken.state, input.fact, terms, shardTimeMs);
    state = decided.state ?? newSubject('P-1');
    announcements.push(...decided.announcements);
  }
  const said = announcements.map(
    ({ kind, data }) =>
      `${kind}@${data.decidedAt.startsWith('2026-06-01T') ? data.decidedAt.slice(11, -1) : data.decidedAt.slice(0, -1)}`,
  );
  return { state, announcements, said, refused };
}
