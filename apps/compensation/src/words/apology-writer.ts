import { localDateOf, quietUntilMs } from '#libs/calendar';
import { EvaluationError, type Remedy } from '#libs/guarantees';
import type { Sql } from '#libs/persistence';
import type { Rejected } from '#libs/shard-log';
import type { Books } from '../books/books.js';
import { apologyDayOf, isApologyTold } from '../entitlement/apology-days.js';
import { WORD_KINDS, type Quiet } from '../entitlement/line.js';
import { isCorrection, scopeOf, type OwedRemedy } from '#libs/remedy-engine';
import type { Words } from '../entitlement/settle-entitlement.js';
import type { JudgedPromise, PromiseUnderTerms } from '../promise-log/judged-promise.js';
import { Addressees, type TextKind } from './addressees.js';
import { quietOf } from './quiet.js';
import { TemplateLibrary } from './template-library.js';
import { wordsScope } from './words-scope.js';

const FATIGUE_WITHIN_MS = 90 * 86_400_000;
/** After so many days with such texts within that time a person calls instead. */
const TEXTS_MAX = 3;

/** Puts the words of one batch: who is told in which language, what was told before, one text of a kind a day. */
export class ApologyWriter {
  /** Templates that failed: the words go to the dead letters, the money goes out all the same. */
  readonly rejected: Rejected[] = [];

  private constructor(
    /** Every day for which a text may be issued in this batch. */
    readonly apologyDays: readonly string[],
    private readonly templates: TemplateLibrary,
    private readonly addressees: Addressees,
  ) {}

  /** Where no words are put anew. */
  static silent(): ApologyWriter {
    return new ApologyWriter([], new TemplateLibrary(), Addressees.nobody());
  }

  static async forPromises(
    promises: readonly PromiseUnderTerms[],
    templates: TemplateLibrary,
    tx: Sql,
  ): Promise<ApologyWriter> {
    const spoken = promises.flatMap((one) =>
      one.guarantee.remedies.filter(({ kind }) => WORD_KINDS.includes(kind)).map((remedy) => ({ one, remedy })),
    );
    const put = spoken.map(({ one, remedy }) => ({ one, to: { kind: remedy.kind, party: partyOf(one, remedy) } }));
    const names = new Set(put.map(({ one, to }) => addresseeOf(one, to)));
    const days = new Set(put.map(({ one, to }) => dayOf(one, to)));
    return new ApologyWriter([...days], templates, await Addressees.load([...names], tx));
  }

  /** null: there is nothing to say it with; the reason is among the rejected. */
  wordsOf(judged: JudgedPromise, remedy: OwedRemedy, books: Books): Words | null {
    if (remedy.kind === 'callback')
      return { details: { reason: 'breach', ...byOf(judged) }, apologyDay: null, merged: false };
    const addressee = addresseeOf(judged, remedy);
    const kind: TextKind = remedy.kind === 'apology' ? 'apology' : 'notice';
    // A right or a payment may be told in spite of a marketing opt-out; one of the service's own messages may not.
    const isSilent = this.addressees.hasOptedOut(addressee);
    const apologyDay = isCorrection(remedy.remedyId) || isSilent ? null : dayOf(judged, remedy);
    const merged =
      isSilent || (apologyDay !== null && isApologyTold(books.apologiesOf(apologyDay).map(({ line }) => line)));
    // What was written is corrected in writing, whoever calls now.
    const instead = apologyDay === null ? null : this.callInstead(judged, { addressee, kind, day: apologyDay });
    if (instead !== null) {
      return { kind: 'callback', details: { reason: instead, ...byOf(judged) }, apologyDay, merged };
    }
    const quiet = quietOf(judged.guarantee, this.addressees.zoneOf(addressee));
    if (isTooLate(judged, remedy, quiet)) return null;
    const words = this.render(judged, remedy, addressee, this.addressees.turnOf(addressee, kind));
    if (!words) return null;
    this.addressees.countTurn(addressee, kind);
    if (apologyDay !== null) this.addressees.noteDay(addressee, kind, apologyDay, judged.promise.decidedAtMs);
    if (isSilent) return { details: { ...words, reason: 'service-opt-out' }, apologyDay, merged };
    return this.addressees.wasContacted(addressee, judged.promise.data)
      ? { details: words, apologyDay, merged, quiet, hold: 'personal-contact' }
      : { details: words, apologyDay, merged, quiet };
  }

  /** Why a person calls instead of a text being sent; null: the text goes. */
  private callInstead(
    judged: JudgedPromise,
    { addressee, kind, day }: { readonly addressee: string; readonly kind: TextKind; readonly day: string },
  ): string | null {
    if (isPersonal(judged)) return 'personal-handling';
    const others = this.addressees.otherDays(addressee, kind, day, judged.promise.decidedAtMs - FATIGUE_WITHIN_MS);
    return others >= TEXTS_MAX ? `${kind}-fatigue` : null;
  }

  private render(
    { promise, guarantee, owed }: JudgedPromise,
    remedy: OwedRemedy,
    addressee: string,
    turn: number,
  ): Words['details'] | null {
    const template = remedy.template ?? '';
    try {
      const locale = this.templates.localeOf(template, this.addressees.localeOf(addressee));
      if (locale === null) throw new Error(`there is no template "${template}" in any fitting language`);
      const scope = wordsScope(promise.data, guarantee, owed, { locale, turn });
      return { locale, ...this.templates.render(locale, template, scope), template };
    } catch (error) {
      const detail = `remedy ${remedy.remedyId}, template "${template}": ${(error as Error).message}`;
      this.rejected.push({ record: promise.record, reason: 'TEMPLATE_FAILED', detail });
      return null;
    }
  }
}

/** A warning that could be said only when it is none any more. */
function isTooLate({ promise }: PromiseUnderTerms, remedy: OwedRemedy, quiet: Quiet | null): boolean {
  if (remedy.kind !== 'notice' || isCorrection(remedy.remedyId) || quiet === null) return false;
  const untilMs = quietUntilMs(quiet, quiet.zone, promise.decidedAtMs) ?? promise.decidedAtMs;
  return untilMs >= Date.parse(promise.data.dueAt);
}

/** A warning names whom it is told to. */
function partyOf({ promise }: PromiseUnderTerms, { kind, party }: Pick<Remedy, 'kind' | 'party'>): Remedy['party'] {
  return (kind === 'notice' ? promise.data.warning?.tell : undefined) ?? party;
}

function addresseeOf({ promise }: PromiseUnderTerms, { party }: Pick<OwedRemedy, 'party'>): string {
  return promise.data.parties[party] ?? promise.data.customer;
}

/** The addressee's day by the guarantee's zone and the decision's time. */
function dayOf(one: PromiseUnderTerms, remedy: Pick<OwedRemedy, 'party' | 'kind'>): string {
  const date = localDateOf(one.guarantee.timeZone, one.promise.decidedAtMs);
  return apologyDayOf(addresseeOf(one, remedy), date, remedy.kind);
}

function isPersonal({ guarantee, promise }: PromiseUnderTerms): boolean {
  const { handling } = guarantee.holding;
  if (handling === null) return false;
  try {
    return handling.personal.evaluate(scopeOf(guarantee, promise.data, null));
  } catch (error) {
    if (error instanceof EvaluationError) return false;
    throw error;
  }
}

/** Who calls: whom the guarantee names, else the owner of the promise. */
function byOf({ guarantee, promise }: PromiseUnderTerms): { by?: string } {
  const by = guarantee.holding.handling?.by ?? promise.data.owner;
  return by === undefined ? {} : { by };
}
