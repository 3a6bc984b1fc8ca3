import { isTimeZone, localDateOf } from '#libs/calendar';
import { EvaluationError } from '#libs/guarantees';
import type { Sql } from '#libs/persistence';
import type { Rejected } from '#libs/shard-log';
import type { Books } from '../books/books.js';
import { apologyDayOf, isApologyTold } from '../entitlement/apology-days.js';
import { WORD_KINDS, type Quiet } from '../entitlement/line.js';
import { isCorrection, scopeOf, type OwedRemedy } from '#libs/remedy-engine';
import type { Words } from '../entitlement/settle-entitlement.js';
import type { JudgedPromise, PromiseUnderTerms } from '../promise-log/judged-promise.js';
import { COUNT_APOLOGIES, LOAD_APOLOGY_DAYS, LOAD_PROFILES } from './sql.js';
import { TemplateLibrary } from './template-library.js';
import { wordsScope } from './words-scope.js';

const FATIGUE_WITHIN_MS = 90 * 86_400_000;
/** After so many apologies within that time a person calls instead. */
const APOLOGIES_MAX = 3;

interface Profile {
  readonly customer: string;
  readonly locale: string | null;
  readonly timeZone: string | null;
  /** Of messages about the service itself, not only of marketing. */
  readonly optedOut: boolean;
}

/** Puts the words of one batch: who is told in which language, what was told before, one apology a day. */
export class ApologyWriter {
  /** Templates that failed: the words go to the dead letters, the money goes out all the same. */
  readonly rejected: Rejected[] = [];

  private constructor(
    /** Every day for which an apology may be issued in this batch. */
    readonly apologyDays: readonly string[],
    private readonly templates: TemplateLibrary,
    private readonly profiles: ReadonlyMap<string, Profile>,
    private readonly toldBefore: Map<string, number>,
    /** By addressee: the days of their apologies, and when. */
    private readonly apologiesOf: Map<string, Map<string, number>>,
  ) {}

  /** Where no words are put anew. */
  static silent(): ApologyWriter {
    return new ApologyWriter([], new TemplateLibrary(), new Map(), new Map(), new Map());
  }

  static async forPromises(
    promises: readonly PromiseUnderTerms[],
    templates: TemplateLibrary,
    tx: Sql,
  ): Promise<ApologyWriter> {
    const spoken = promises.flatMap((one) =>
      one.guarantee.remedies.filter(({ kind }) => WORD_KINDS.includes(kind)).map((remedy) => ({ one, remedy })),
    );
    const addressees = [...new Set(spoken.map(({ one, remedy }) => addresseeOf(one, remedy)))];
    if (addressees.length === 0) return new ApologyWriter([], templates, new Map(), new Map(), new Map());
    const profiles = await tx.query<Profile>(LOAD_PROFILES, [addressees]);
    const counts = await tx.query<{ addressee: string; told: number }>(COUNT_APOLOGIES, [addressees]);
    const days = await tx.query<{ addressee: string; apologyDay: string; atMs: number }>(LOAD_APOLOGY_DAYS, [
      addressees,
    ]);
    const apologies = new Map<string, Map<string, number>>();
    for (const { addressee, apologyDay, atMs } of days) noteDay(apologies, addressee, apologyDay, atMs);
    return new ApologyWriter(
      [...new Set(spoken.map(({ one, remedy }) => dayOf(one, remedy)))],
      templates,
      new Map(profiles.map((profile) => [profile.customer, profile])),
      new Map(counts.map(({ addressee, told }) => [addressee, told])),
      apologies,
    );
  }

  /** null: there is nothing to say it with; the reason is among the rejected. */
  wordsOf(judged: JudgedPromise, remedy: OwedRemedy, books: Books): Words | null {
    if (remedy.kind === 'callback')
      return { details: { reason: 'breach', ...byOf(judged) }, apologyDay: null, merged: false };
    const addressee = addresseeOf(judged, remedy);
    // A right or a payment may be told in spite of a marketing opt-out; one of the service's own messages may not.
    const isSilent = this.profiles.get(addressee)?.optedOut === true;
    const isApology = remedy.kind === 'apology';
    const apologyDay = isApology && !isSilent ? dayOf(judged, remedy) : null;
    const merged =
      isSilent || (apologyDay !== null && isApologyTold(books.apologiesOf(apologyDay).map(({ line }) => line)));
    // What was written is corrected in writing, whoever calls now.
    const isWritten = isSilent || isCorrection(remedy.remedyId);
    const instead = isWritten ? null : this.callInstead(judged, addressee, apologyDay);
    if (instead !== null) {
      return { kind: 'callback', details: { reason: instead, ...byOf(judged) }, apologyDay, merged };
    }
    const turn = this.toldBefore.get(addressee) ?? 0;
    const words = this.render(judged, remedy, addressee, turn);
    if (!words) return null;
    if (isApology) this.toldBefore.set(addressee, turn + 1);
    if (apologyDay !== null) noteDay(this.apologiesOf, addressee, apologyDay, judged.promise.decidedAtMs);
    const quiet = this.quietAt(judged, addressee);
    return { details: isSilent ? { ...words, reason: 'service-opt-out' } : words, apologyDay, merged, quiet };
  }

  /** Why a person calls instead of a text being sent; null: the text goes. */
  private callInstead(judged: JudgedPromise, addressee: string, apologyDay: string | null): string | null {
    if (isPersonal(judged)) return 'personal-handling';
    if (apologyDay === null) return null;
    const sinceMs = judged.promise.decidedAtMs - FATIGUE_WITHIN_MS;
    const days = [...(this.apologiesOf.get(addressee) ?? [])];
    const others = days.filter(([day, atMs]) => day !== apologyDay && atMs > sinceMs);
    return others.length >= APOLOGIES_MAX ? 'apology-fatigue' : null;
  }

  private quietAt({ guarantee }: PromiseUnderTerms, addressee: string): Quiet | null {
    const { quietHours } = guarantee.holding;
    if (quietHours === null) return null;
    const zone = this.profiles.get(addressee)?.timeZone ?? null;
    return { ...quietHours, zone: zone !== null && isTimeZone(zone) ? zone : guarantee.timeZone };
  }

  private render(
    { promise, guarantee, owed }: JudgedPromise,
    remedy: OwedRemedy,
    addressee: string,
    turn: number,
  ): Words['details'] | null {
    const template = remedy.template ?? '';
    try {
      const locale = this.templates.localeOf(template, this.profiles.get(addressee)?.locale ?? null);
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

function addresseeOf({ promise }: PromiseUnderTerms, { party }: Pick<OwedRemedy, 'party'>): string {
  return promise.data.parties[party] ?? promise.data.customer;
}

/** The addressee's day by the guarantee's zone and the decision's time. */
function dayOf(one: PromiseUnderTerms, remedy: Pick<OwedRemedy, 'party'>): string {
  return apologyDayOf(addresseeOf(one, remedy), localDateOf(one.guarantee.timeZone, one.promise.decidedAtMs));
}

function noteDay(apologies: Map<string, Map<string, number>>, addressee: string, day: string, atMs: number): void {
  const days = apologies.get(addressee) ?? new Map<string, number>();
  if (!days.has(day)) days.set(day, atMs);
  apologies.set(addressee, days);
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
