import { localDateOf } from '#libs/calendar';
import type { Sql } from '#libs/persistence';
import type { Rejected } from '#libs/shard-log';
import type { Books } from '../books/books.js';
import { apologyDayOf, isApologyTold } from '../entitlement/apology-days.js';
import { WORD_KINDS } from '../entitlement/line.js';
import type { OwedRemedy } from '#libs/remedy-engine';
import type { Words } from '../entitlement/settle-entitlement.js';
import type { JudgedPromise, PromiseUnderTerms } from '../promise-log/judged-promise.js';
import { COUNT_APOLOGIES, LOAD_LOCALES } from './sql.js';
import { TemplateLibrary } from './template-library.js';
import { wordsScope } from './words-scope.js';

/** Puts the words of one batch: who is told in which language, what was told before, one apology a day. */
export class ApologyWriter {
  /** Templates that failed: the words go to the dead letters, the money goes out all the same. */
  readonly rejected: Rejected[] = [];

  private constructor(
    /** Every day for which an apology may be issued in this batch. */
    readonly apologyDays: readonly string[],
    private readonly templates: TemplateLibrary,
    private readonly locales: ReadonlyMap<string, string | null>,
    private readonly toldBefore: Map<string, number>,
  ) {}

  /** Where no words are put anew. */
  static silent(): ApologyWriter {
    return new ApologyWriter([], new TemplateLibrary(), new Map(), new Map());
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
    if (addressees.length === 0) return new ApologyWriter([], templates, new Map(), new Map());
    const profiles = await tx.query<{ customer: string; locale: string | null }>(LOAD_LOCALES, [addressees]);
    const counts = await tx.query<{ addressee: string; told: number }>(COUNT_APOLOGIES, [addressees]);
    return new ApologyWriter(
      [...new Set(spoken.map(({ one, remedy }) => dayOf(one, remedy)))],
      templates,
      new Map(profiles.map(({ customer, locale }) => [customer, locale])),
      new Map(counts.map(({ addressee, told }) => [addressee, told])),
    );
  }

  /** null: there is nothing to say it with; the reason is among the rejected. */
  wordsOf(judged: JudgedPromise, remedy: OwedRemedy, books: Books): Words | null {
    if (remedy.kind === 'callback') return { details: { reason: 'breach' }, apologyDay: null, merged: false };
    const addressee = addresseeOf(judged, remedy);
    const turn = this.toldBefore.get(addressee) ?? 0;
    const details = this.render(judged, remedy, addressee, turn);
    if (!details) return null;
    if (remedy.kind !== 'apology') return { details, apologyDay: null, merged: false };
    this.toldBefore.set(addressee, turn + 1);
    const apologyDay = dayOf(judged, remedy);
    const merged = isApologyTold(books.apologiesOf(apologyDay).map(({ line }) => line));
    return { details, apologyDay, merged };
  }

  private render(
    { promise, guarantee, owed }: JudgedPromise,
    remedy: OwedRemedy,
    addressee: string,
    turn: number,
  ): Words['details'] | null {
    const template = remedy.template ?? '';
    try {
      const locale = this.templates.localeOf(template, this.locales.get(addressee) ?? null);
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
