import { isTimeZone } from '#libs/calendar';
import type { PromiseEventData } from '#libs/contracts';
import type { InstantMs } from '#libs/kernel';
import type { Sql } from '#libs/persistence';
import type { PersonalContact } from '../signals/personal-contact.js';
import { COUNT_WORDS, LOAD_CONTACTS, LOAD_PROFILES, LOAD_WORD_DAYS } from './sql.js';

/** Texts are counted by kind: a warning takes nothing from an apology. */
export type TextKind = 'apology' | 'notice';

interface Profile {
  readonly customer: string;
  readonly locale: string | null;
  readonly timeZone: string | null;
  /** Of messages about the service itself, not only of marketing. */
  readonly optedOut: boolean;
}

/** Those whom the words of one batch go to: what is known of them, and what they were told before. */
export class Addressees {
  private constructor(
    private readonly profiles: ReadonlyMap<string, Profile>,
    private readonly contacts: ReadonlyMap<string, readonly PersonalContact[]>,
    private readonly turns: Map<string, number>,
    /** By addressee and kind: the days of their texts, and when. */
    private readonly days: Map<string, Map<string, InstantMs>>,
  ) {}

  static nobody(): Addressees {
    return new Addressees(new Map(), new Map(), new Map(), new Map());
  }

  static async load(names: readonly string[], tx: Sql): Promise<Addressees> {
    if (names.length === 0) return Addressees.nobody();
    const profiles = await tx.query<Profile>(LOAD_PROFILES, [names]);
    const contacts = await tx.query<PersonalContact>(LOAD_CONTACTS, [names]);
    const turns = await tx.query<{ addressee: string; kind: TextKind; told: number }>(COUNT_WORDS, [names]);
    const days = await tx.query<{ addressee: string; kind: TextKind; day: string; atMs: number }>(LOAD_WORD_DAYS, [
      names,
    ]);
    const loaded = new Addressees(
      new Map(profiles.map((profile) => [profile.customer, profile])),
      Map.groupBy(contacts, ({ customer }) => customer),
      new Map(turns.map(({ addressee, kind, told }) => [keyOf(addressee, kind), told])),
      new Map(),
    );
    for (const { addressee, kind, day, atMs } of days) loaded.noteDay(addressee, kind, day, atMs);
    return loaded;
  }

  localeOf(addressee: string): string | null {
    return this.profiles.get(addressee)?.locale ?? null;
  }

  zoneOf(addressee: string): string | null {
    const zone = this.profiles.get(addressee)?.timeZone ?? null;
    return zone !== null && isTimeZone(zone) ? zone : null;
  }

  hasOptedOut(addressee: string): boolean {
    return this.profiles.get(addressee)?.optedOut === true;
  }

  /** A person has been in touch with them about the promise, or about what it belongs to, since it was opened. */
  wasContacted(addressee: string, about: Pick<PromiseEventData, 'group' | 'subject' | 'openedAt'>): boolean {
    return (this.contacts.get(addressee) ?? []).some((contact) => concerns(contact, about));
  }

  /** How many texts of the kind they were owed before: no sentence twice. */
  turnOf(addressee: string, kind: TextKind): number {
    return this.turns.get(keyOf(addressee, kind)) ?? 0;
  }

  countTurn(addressee: string, kind: TextKind): void {
    this.turns.set(keyOf(addressee, kind), this.turnOf(addressee, kind) + 1);
  }

  /** Days other than this one on which they were told something of the kind, after a moment. */
  otherDays(addressee: string, kind: TextKind, day: string, sinceMs: InstantMs): number {
    const days = this.days.get(keyOf(addressee, kind)) ?? new Map<string, InstantMs>();
    return [...days].filter(([other, atMs]) => other !== day && atMs > sinceMs).length;
  }

  noteDay(addressee: string, kind: TextKind, day: string, atMs: InstantMs): void {
    const days = this.days.get(keyOf(addressee, kind)) ?? new Map<string, InstantMs>();
    if (!days.has(day)) days.set(day, atMs);
    this.days.set(keyOf(addressee, kind), days);
  }
}

/** By group, else by subject; what was said before the promise was made is no answer to it. */
export function concerns(
  contact: Omit<PersonalContact, 'customer'>,
  about: { readonly group?: string; readonly subject: string; readonly openedAt: string },
): boolean {
  const isAbout = (contact.group !== '' && contact.group === about.group) || contact.subject === about.subject;
  return isAbout && contact.atMs >= Date.parse(about.openedAt);
}

function keyOf(addressee: string, kind: TextKind): string {
  return `${kind} ${addressee}`;
}
