/** One case of a published scheme: what happened, and what the scheme says to it (design: the guarantee language). */
export interface SchemeCase {
  readonly id: string;
  /** Name of the guarantee. */
  readonly scheme: string;
  readonly input: CaseInput;
  readonly expected: CaseOutcome;
}

export interface CaseInput {
  /** An instant, a local date, or nothing where no time was promised. */
  readonly promised: string | null;
  readonly start: string | null;
  /** When the thing was done; null: never. */
  readonly end: string | null;
  readonly calendar: CaseCalendar | null;
  /** Minor units by name; a list where there are several of a name. */
  readonly base: Readonly<Record<string, number | readonly number[]>>;
  readonly currency: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly excuses: readonly string[];
  readonly pauses: readonly { readonly from: string; readonly to: string; readonly reason: string }[];
  readonly claim: { readonly at: string; readonly channel?: string; readonly wants?: string } | null;
}

export interface CaseCalendar {
  readonly timezone: string;
  /** `Sat`, `Sun` …: days on which it is closed. */
  readonly weekend: readonly string[];
  /** Local dates. */
  readonly holidays: readonly string[];
  /** `["09:00", "17:00"]`; without hours the whole day is open. */
  readonly hours?: readonly [string, string];
}

/** A case as it is read: what a file leaves out did not happen. */
export function withInput(given: SchemeCase): SchemeCase {
  const { input } = given as { input: Partial<CaseInput> };
  const { calendar = null, claim = null } = input;
  return {
    ...given,
    input: {
      promised: input.promised ?? null,
      start: input.start ?? null,
      end: input.end ?? null,
      calendar: calendar && { ...calendar, weekend: calendar.weekend ?? [], holidays: calendar.holidays ?? [] },
      base: input.base ?? {},
      currency: input.currency ?? '',
      facts: input.facts ?? {},
      excuses: input.excuses ?? [],
      pauses: input.pauses ?? [],
      claim: claim?.at == null ? null : claim,
    },
  };
}

/** The four things that are compared. */
export interface CaseOutcome {
  readonly breached: boolean;
  /** ISO 8601 in whole seconds, `PnD` where the scheme counts days; null: no clock. */
  readonly lateBy: string | null;
  readonly compensation: readonly CaseLine[];
  readonly reasonCode: string;
}

export interface CaseLine {
  readonly kind: string;
  readonly amountMinor: number;
  readonly currency: string;
}
