import { parseInstant, ProblemError, type Problem } from '#libs/kernel';

/** One case of a guarantee's tests: what happens, and what must come of it. */
export interface TimelineCase {
  readonly id: string;
  readonly description?: string;
  /** The subject of all its events; its id if not given. */
  readonly subject?: string;
  readonly events: readonly CaseEvent[];
  readonly disruptions?: readonly CaseDisruption[];
  readonly claim?: { readonly at: string; readonly channel?: string; readonly wants?: string };
  /** The instant as of which it is judged; the last thing that happens if not given. */
  readonly asOf?: string;
  /** One for each promise of the guarantee, in order of opening; what is not given is not compared. */
  readonly expected: CaseExpectation | readonly CaseExpectation[];
}

export interface CaseEvent {
  readonly type: string;
  /** When it happened. */
  readonly at: string;
  /** When it was learned, where that was later. */
  readonly received?: string;
  readonly id?: string;
  readonly source?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  /** What is known of the customer: segment, contract, locale, timeZone. */
  readonly customer?: Readonly<Record<string, string>>;
}

export interface CaseDisruption {
  readonly from: string;
  readonly to: string;
  readonly scope: string;
  readonly effect?: 'excuse' | 'excuse-if-caused' | 'pause' | 'extend';
  /** When it was declared; known from the start if not given. */
  readonly declared?: string;
  readonly withdrawn?: string;
}

export interface CaseExpectation {
  readonly verdict?: string | null;
  readonly state?: string;
  readonly dueAt?: string;
  /** ISO 8601, in whole seconds; null: no lateness. */
  readonly lateBy?: string | null;
  readonly excuse?: string | null;
  readonly compensation?: readonly {
    readonly kind: string;
    readonly amountMinor?: number;
    readonly currency?: string;
  }[];
  readonly reasonCode?: string;
  /** Kinds of the events announced, in order. */
  readonly announced?: readonly string[];
}

const FIELDS: ReadonlySet<string> = new Set([
  'id',
  'description',
  'subject',
  'events',
  'disruptions',
  'claim',
  'asOf',
  'expected',
]);

/** The cases of a file. @throws ProblemError for anything else than a list of them */
export function readTimelineCases(file: string, text: string): TimelineCase[] {
  let cases: unknown;
  try {
    cases = JSON.parse(text);
  } catch (error) {
    throw refused(file, '', `the file is no JSON: ${(error as Error).message}`);
  }
  if (!Array.isArray(cases)) throw refused(file, '', 'a list of cases was expected');
  cases.forEach((each: Partial<TimelineCase> | null, i) => checkCase(file, each, `/${i}`));
  return cases as TimelineCase[];
}

function checkCase(file: string, given: Partial<TimelineCase> | null, pointer: string): void {
  if (typeof given !== 'object' || given === null || typeof given.id !== 'string' || given.expected === undefined)
    throw refused(file, pointer, 'a case needs id, events and expected');
  if (!Array.isArray(given.events) || given.events.length === 0) {
    const isScheme = 'input' in given;
    const advice = isScheme ? 'Cases of published schemes: ./makegood guarantee cases FILE' : 'Add `events`.';
    throw refused(file, `${pointer}/events`, `case ${given.id} has no events`, advice);
  }
  const stray = Object.keys(given).find((field) => !FIELDS.has(field));
  if (stray !== undefined) throw refused(file, pointer, `case ${given.id} has a field \`${stray}\` that there is not`);
  given.events.forEach((event: Partial<CaseEvent>, i) => {
    const at = `${pointer}/events/${i}`;
    if (typeof event.type !== 'string') throw refused(file, at, `event ${i + 1} of case ${given.id} has no type`);
    for (const instant of [event.at, event.received ?? event.at])
      if (parseInstant(instant) === null)
        throw refused(file, at, `event ${i + 1} of case ${given.id}: \`${instant}\` is no instant with an offset`);
  });
}

function refused(file: string, pointer: string, detail: string, advice?: string): ProblemError {
  const problem: Problem = { code: 'CASES_INVALID', detail: `${file}: ${detail}`, pointer };
  return new ProblemError(advice === undefined ? problem : { ...problem, advice });
}
