import { localText, type ClockPrecision } from '#libs/calendar';
import type { PromiseState, Reason, Verdict } from '#libs/contracts';
import type { Guarantee } from '#libs/guarantees';
import { describeDuration, formatInstant, type InstantMs } from '#libs/kernel';
import { precisionFor } from './moments.js';
import { DONE_WORDS } from './promise-words.js';

/** What is known of a promise when its verdict is put into words. */
export interface VerdictFacts {
  readonly state: PromiseState;
  readonly verdict: Verdict | null;
  readonly openedAtMs: InstantMs;
  readonly dueAtMs: InstantMs;
  readonly completedAtMs: InstantMs | null;
  readonly latenessMs: number | null;
  readonly decidedAtMs: InstantMs;
  /** How the deadline came about, as `Due.compute` told it. */
  readonly dueExplanation: string;
  /** A breach was announced before and turned out wrong. */
  readonly retracted?: boolean;
  /** When the fact that decided was learned, where that was after it happened. */
  readonly learnedAtMs?: InstantMs;
  readonly cancelledAtMs?: InstantMs;
}

export interface Why {
  /** One main sentence, then how the deadline came about. */
  readonly explanation: string[];
  /** One for each sentence: its code and everything that the sentence names. */
  readonly reasons: Reason[];
}

/** Learning of a fact a minute later is how systems are; more is worth a word. */
const LEARNED_LATE_FROM_MS = 60_000;

/**
 * Says in words why a promise stands as it does; times are read in `zone`, named once. A pure function of its
 * inputs, since the words are part of events that must come out byte for byte the same.
 */
export function whyVerdict(guarantee: Guarantee, facts: VerdictFacts, zone: string): Why {
  const main = new Sentence(guarantee, facts, zone).main();
  return {
    explanation: [main.text, `Due: ${facts.dueExplanation}.`],
    reasons: [
      { code: main.code, args: main.args },
      { code: 'due', args: { due: facts.dueExplanation } },
    ],
  };
}

interface Main {
  readonly code: string;
  readonly text: string;
  readonly args: Record<string, string | number>;
}

class Sentence {
  private readonly args: Record<string, string | number> = {};
  private readonly done: string;
  private readonly precision: ClockPrecision;
  private readonly dueDay: string;
  private readonly due: string;

  constructor(
    private readonly guarantee: Guarantee,
    private readonly facts: VerdictFacts,
    private readonly zone: string,
  ) {
    const { completedAtMs, dueAtMs } = facts;
    this.done = DONE_WORDS[guarantee.promiseType].done;
    const decidedFromDueMs = Math.max(Math.abs(facts.decidedAtMs - dueAtMs), 1_000);
    this.precision = precisionFor(completedAtMs === null ? decidedFromDueMs : completedAtMs - dueAtMs);
    const { day, time } = localText(zone, dueAtMs, this.precision);
    this.dueDay = day;
    this.due = this.remember('due', `${day} ${time}`, 'dueAt', formatInstant(dueAtMs));
    this.args['zone'] = zone;
  }

  main(): Main {
    const { verdict, state } = this.facts;
    if (state === 'unknown') {
      return this.end('unknown', `Unknown: due ${this.due}, and a source that could tell is silent`);
    }
    switch (verdict) {
      case 'kept':
        return this.kept();
      case 'breached':
        return this.breached();
      case 'cancelled':
        return this.cancelled();
      case 'excused':
        return this.end('excused', `Missed, but excused: due ${this.due}`);
      case null:
        return this.open();
      default:
        return verdict satisfies never;
    }
  }

  private kept(): Main {
    const { completedAtMs, dueAtMs, retracted, state } = this.facts;
    const isTakenBack = retracted === true || state === 'retracted';
    const code = isTakenBack ? 'retracted' : 'kept';
    const head = isTakenBack ? 'Kept after all' : 'Kept';
    if (completedAtMs === null) return this.end(code, `${head}: due ${this.due}`);
    const earlyMs = dueAtMs - completedAtMs;
    const margin = earlyMs === 0 ? 'exactly in time' : `${this.duration('early', earlyMs)} early`;
    const tail = isTakenBack ? `${this.learned()}, so the miss is taken back` : this.learned();
    return this.end(
      code,
      `${head}, ${margin}: due ${this.due}, ${this.done} ${this.when('completed', completedAtMs)}${tail}`,
    );
  }

  private breached(): Main {
    const { completedAtMs, latenessMs, cancelledAtMs, decidedAtMs, dueAtMs } = this.facts;
    if (completedAtMs !== null && latenessMs !== null) {
      const late = this.duration('lateness', latenessMs);
      const text = `Missed by ${late}: due ${this.due}, ${this.done} ${this.when('completed', completedAtMs)}`;
      return this.end('completed-late', `${text}${this.learned()}`);
    }
    const text = `Missed: not ${this.done} by ${this.due}`;
    if (cancelledAtMs !== undefined) {
      const cancelled = `; cancelled only after that, ${this.when('cancelled', cancelledAtMs)}`;
      return this.end('breached-then-cancelled', `${text}${cancelled}`);
    }
    const waitedMs = Math.min(this.guarantee.evidence.allowanceMs, Math.max(decidedAtMs - dueAtMs, 0));
    const waited = waitedMs === 0 ? '' : `, and ${this.duration('waited', waitedMs)} later still no word of it`;
    return this.end('breached', `${text}${waited}`);
  }

  private cancelled(): Main {
    const { cancelledAtMs } = this.facts;
    const when = cancelledAtMs === undefined ? '' : `, called off ${this.when('cancelled', cancelledAtMs)}`;
    return this.end('cancelled', `Cancelled: due ${this.due}${when}; nothing is owed`);
  }

  private open(): Main {
    const { state, dueAtMs } = this.facts;
    if (state === 'overdue') {
      const until = this.moment('until', dueAtMs + this.guarantee.evidence.allowanceMs);
      return this.end('overdue', `Overdue: due ${this.due}; word of it may still be on its way until ${until.text}`);
    }
    const waitsFor = this.guarantee.evidence.kept[0]?.on ?? this.done;
    this.args['waitsFor'] = waitsFor;
    const head = state === 'paused' ? 'Paused' : state === 'at-risk' ? 'At risk' : 'Open';
    return this.end(state === 'final' ? 'open' : state, `${head}: waiting for ${waitsFor}, due ${this.due}`);
  }

  private learned(): string {
    const { learnedAtMs, completedAtMs } = this.facts;
    if (learnedAtMs === undefined || completedAtMs === null) return '';
    if (learnedAtMs - completedAtMs < LEARNED_LATE_FROM_MS) return '';
    return `; learned ${this.when('learned', learnedAtMs)}`;
  }

  private end(code: string, text: string): Main {
    const { file, version, due } = this.guarantee;
    const { line } = due.place;
    Object.assign(this.args, { file, version, line });
    return { code, text: `${text} (${this.zone}; ${file} v${version}, line ${line}).`, args: this.args };
  }

  /** A further moment: on the day of the due its clock is enough. */
  private moment(name: string, atMs: InstantMs): { text: string; isSameDay: boolean } {
    const { day, time } = localText(this.zone, atMs, this.precision);
    const isSameDay = day === this.dueDay;
    const text = this.remember(name, isSameDay ? time : `${day} ${time}`, `${name}At`, formatInstant(atMs));
    return { text, isSameDay };
  }

  private when(name: string, atMs: InstantMs): string {
    const { text, isSameDay } = this.moment(name, atMs);
    return `${isSameDay ? 'at' : 'on'} ${text}`;
  }

  private duration(name: string, durationMs: number): string {
    return this.remember(name, describeDuration(durationMs), `${name}Ms`, durationMs);
  }

  private remember(name: string, text: string, typedName: string, typed: string | number): string {
    this.args[name] = text;
    this.args[typedName] = typed;
    return text;
  }
}
