import type { PromiseEventData } from '#libs/contracts';
import { EvaluationError, type Guarantee, type NoticeOccasion, type Remedy } from '#libs/guarantees';
import { formatInstant, parseInstant } from '#libs/kernel';
import { explainRemedy, type Cause } from './explain-remedy.js';
import { momentText } from './moments.js';
import type { OwedRemedy } from './owed.js';
import { scopeOf } from './verdict-scope.js';

/** null: the event is none. */
function occasionOf(type: string, { disruption }: PromiseEventData): NoticeOccasion | null {
  if (type === 'makegood.promise.rescheduled') return 're-promised';
  if (type !== 'makegood.promise.at-risk') return null;
  return disruption === undefined ? 'at-risk' : 'disruption';
}

export function hasNotices({ remedies }: Guarantee): boolean {
  return remedies.some(({ kind }) => kind === 'notice');
}

/**
 * What is to be told before due, by the promise's newest event; null: it is no occasion, and what was to be told before
 * it stays so. A warning is told to the party that it names (without one the owner alone is warned).
 * @param type of the event, e.g. `makegood.promise.at-risk`
 */
export function noticesOf(guarantee: Guarantee, type: string, data: PromiseEventData): OwedRemedy[] | null {
  const occasion = occasionOf(type, data);
  if (occasion === null || (occasion !== 're-promised' && data.warning?.tell === undefined)) return null;
  if ((parseInstant(data.decidedAt) ?? 0) >= (parseInstant(data.dueAt) ?? 0)) return null; // no more a warning
  const upon = guarantee.remedies.filter((remedy) => remedy.kind === 'notice' && remedy.upon === occasion);
  return upon.flatMap((remedy) => noticeOf(guarantee, remedy, data) ?? []);
}

function noticeOf(guarantee: Guarantee, remedy: Remedy, data: PromiseEventData): OwedRemedy | null {
  const scope = scopeOf(guarantee, data, null);
  try {
    if (remedy.when !== null && !remedy.when.evaluate(scope)) return null;
  } catch (error) {
    if (error instanceof EvaluationError) return null; // it asks for what only a miss has
    throw error;
  }
  return {
    remedyId: nameOf(remedy, data),
    kind: 'notice',
    amountMinor: 0,
    currency: null,
    isMoney: false,
    nature: remedy.nature,
    party: data.warning?.tell ?? remedy.party,
    ...(remedy.label === null ? {} : { label: remedy.label }),
    ...(remedy.template === null ? {} : { template: remedy.template }),
    ...explainRemedy(guarantee, remedy, scope, null, causeOf(guarantee, data)),
  };
}

/** Each new due and each disruption is a text of its own; the other warnings of a promise are one. */
function nameOf({ id, upon }: Remedy, { dueAt, disruption = '' }: PromiseEventData): string {
  if (upon === 're-promised') return `${id}/${dueAt}`;
  return upon === 'disruption' ? `${id}/${disruption}` : id;
}

function causeOf(guarantee: Guarantee, data: PromiseEventData): Cause {
  const dueAtMs = parseInstant(data.dueAt) ?? 0;
  const due = momentText(guarantee.timeZone, dueAtMs, 'minute');
  const args = { due, dueAt: formatInstant(dueAtMs), zone: guarantee.timeZone };
  if (data.warning === undefined) return { text: `Promised anew for ${due} (${guarantee.timeZone})`, args };
  if (data.disruption !== undefined) {
    const text = `Disruption ${data.disruption} declared, due ${due} (${guarantee.timeZone})`;
    return { text, args: { ...args, disruption: data.disruption } };
  }
  const text = `At risk (warning ${data.warning.id}), due ${due} (${guarantee.timeZone})`;
  return { text, args: { ...args, warning: data.warning.id } };
}
