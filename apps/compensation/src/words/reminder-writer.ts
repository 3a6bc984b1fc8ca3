import { localDateOf } from '#libs/calendar';
import type { Guarantee } from '#libs/guarantees';
import { formatMoney, type InstantMs } from '#libs/kernel';
import type { Sql } from '#libs/persistence';
import type { Rejected } from '#libs/shard-log';
import type { Books } from '../books/books.js';
import { claimReferenceOf } from '../entitlement/claim-reference.js';
import type { Entitlement } from '../entitlement/entitlement.js';
import { openOf, type Line } from '../entitlement/line.js';
import type { Words } from '../entitlement/settle-entitlement.js';
import { NO_RECORD } from '../promise-log/open-room.js';
import type { GuaranteeTerms } from '../terms/guarantee-terms.js';
import { Addressees } from './addressees.js';
import { quietOf } from './quiet.js';
import type { TemplateLibrary } from './template-library.js';

const TEMPLATE = 'unclaimed';

/** What the template of a reminder may say. */
export interface ReminderScope {
  readonly locale: string;
  readonly guarantee: string;
  readonly subject: string;
  /** What is still open of it. */
  readonly amount: string;
  /** By which it may be claimed. */
  readonly reference: string;
  /** The last local date on which it may be; null: there is no such limit. */
  readonly until: string | null;
  /** How many notices the addressee was owed before this one: no sentence twice. */
  readonly turn: number;
}

/** Puts the words of reminders that time makes due in one transaction. */
export class ReminderWriter {
  /** Templates that failed: the words go to the dead letters, the money stays as it is. */
  readonly rejected: Rejected[] = [];

  private constructor(
    private readonly templates: TemplateLibrary,
    private readonly addressees: Addressees,
    /** By promise. */
    private readonly terms: ReadonlyMap<string, Guarantee>,
  ) {}

  /** Reads what is needed for the lines of these books that are due by then; mostly there are none. */
  static async open(
    books: Books,
    untilMs: InstantMs,
    { terms, templates }: { readonly terms: GuaranteeTerms; readonly templates: TemplateLibrary },
    tx: Sql,
  ): Promise<ReminderWriter> {
    const names = new Set<string>();
    const known = new Map<string, Guarantee>();
    for (const { promiseId, lineId } of books.dueBy(untilMs)) {
      const { promise, lines } = books.find(promiseId) as Entitlement;
      const { state, beneficiary } = lines.find((line) => line.lineId === lineId) as Line;
      if (state !== 'unclaimed') continue;
      names.add(beneficiary);
      known.set(promiseId, await terms.find(promise.guarantee, promise.guaranteeVersion, tx));
    }
    return new ReminderWriter(templates, await Addressees.load([...names], tx), known);
  }

  /** By the zone and the language of whom the money belongs to. null: the reason is among the rejected. */
  wordsOf(owner: Entitlement, line: Line): Words | null {
    const guarantee = this.terms.get(owner.promiseId) as Guarantee;
    const { beneficiary } = line;
    const isSilent = this.addressees.hasOptedOut(beneficiary);
    const details = this.render(owner, line, guarantee);
    if (details === null) return null;
    this.addressees.countTurn(beneficiary, 'notice');
    if (isSilent) return { details: { ...details, reason: 'service-opt-out' }, apologyDay: null, merged: true };
    const quiet = quietOf(guarantee, this.addressees.zoneOf(beneficiary));
    return { details, apologyDay: null, merged: false, quiet };
  }

  private render({ promise }: Entitlement, line: Line, guarantee: Guarantee): Words['details'] | null {
    const { beneficiary, currency, claim, lineId } = line;
    try {
      const locale = this.templates.localeOf(TEMPLATE, this.addressees.localeOf(beneficiary));
      if (locale === null) throw new Error('there is no such template in any fitting language');
      const untilMs = claim?.untilMs ?? null;
      const scope: ReminderScope = {
        locale,
        guarantee: guarantee.title,
        subject: promise.subject,
        amount: formatMoney({ amountMinor: openOf(line), currency: currency as string }),
        reference: claimReferenceOf(lineId),
        until: untilMs === null ? null : localDateOf(guarantee.timeZone, untilMs),
        turn: this.addressees.turnOf(beneficiary, 'notice'),
      };
      return { locale, ...this.templates.render(locale, TEMPLATE, scope), template: TEMPLATE };
    } catch (error) {
      const detail = `reminder of line ${lineId}, template "${TEMPLATE}": ${(error as Error).message}`;
      this.rejected.push({ record: NO_RECORD, reason: 'TEMPLATE_FAILED', detail });
      return null;
    }
  }
}
