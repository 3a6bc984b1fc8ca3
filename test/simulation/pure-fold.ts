import {
  CONTROL_TYPES,
  LETTER_TYPE,
  TICK_TYPE,
  type CloudEvent,
  type DisruptionDeclaredData,
  type DisruptionWithdrawnData,
  type LetterData,
  type PromiseEventData,
} from '#libs/contracts';
import { compileDisruptionScope, compileGuarantees, EvaluationError, type Guarantee } from '#libs/guarantees';
import { parseInstant } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';
import {
  decideOnFact,
  effectiveTimeMs,
  fireDue,
  newSubject,
  reconsider,
  takeIn,
  takeLetter,
  type Announcement,
  type Disruption,
  type Fact,
  type SubjectState,
  type Terms,
} from '#libs/promise-engine';
import { advanceShardClock, deadLetterIdOf, INITIAL_SHARD_CLOCK } from '#libs/shard-log';
import type { Defects } from './defects.js';
import { DAY_MS, TERMS_FILES } from './terms.js';

/** What the pure engine says to a shard's log read once, in order, in peace. */
export interface Folded {
  /** Data of each announcement by promise, in order. */
  readonly announced: Map<string, { readonly kind: string; readonly data: PromiseEventData }[]>;
  /** `partition/offset` and reason of each record that must be a dead letter. */
  readonly refused: Map<string, string>;
}

const compiled = compileGuarantees([...TERMS_FILES]);
if (compiled.problems) throw new Error(compiled.problems.map(({ code, detail }) => `${code} ${detail}`).join('\n'));
/** So long a letter waits for the opening of a promise. */
const LETTER_WAITS_MS = 14 * DAY_MS;
export const GUARANTEES: readonly Guarantee[] = compiled.guarantees;

const BASE: Terms = {
  active: GUARANTEES,
  pinned: (name, version) => GUARANTEES.find((each) => each.name === name && each.version === version) ?? null,
  names: (type) => GUARANTEES.some(({ factTypes }) => factTypes.has(type)),
  disruptions: [],
  silences: [],
  explain: () => ({ explanation: [], reasons: [] }),
};

export function foldLog(records: readonly LogRecord[], defects: Defects, into: Folded): void {
  let clock = INITIAL_SHARD_CLOCK;
  let terms = BASE;
  const subjects = new Map<string, SubjectState>();
  const note = (announcements: readonly Announcement[]): void => {
    for (const { kind, data } of announcements) {
      const list = into.announced.get(data.promiseId) ?? [];
      list.push({ kind, data });
      into.announced.set(data.promiseId, list);
    }
  };
  const fire = (subject: string): SubjectState => {
    const decided = fireDue(subjects.get(subject) ?? newSubject(subject), terms, clock.shardTimeMs);
    note(decided.announcements);
    const state = decided.state ?? newSubject(subject);
    subjects.set(subject, state);
    return state;
  };
  for (const record of records) {
    const event = JSON.parse(record.value.toString()) as CloudEvent;
    if (event.type === TICK_TYPE) {
      clock = advanceShardClock(clock, { atMs: record.timestampMs, everyMs: Number(event.data['everyMs']) });
      for (const subject of subjects.keys()) fire(subject);
    }
    const disruptions = disruptionsAfter(terms.disruptions, event, clock.shardTimeMs);
    if (disruptions !== terms.disruptions) {
      for (const subject of subjects.keys()) fire(subject);
      terms = { ...terms, disruptions };
      // All of them, where the product looks up whom it may concern.
      for (const [subject, state] of subjects) {
        if (state.promises.length === 0) continue;
        const decided = reconsider(state, terms, clock.shardTimeMs, clock.shardTimeMs);
        note(decided.announcements);
        subjects.set(subject, decided.state ?? newSubject(subject));
      }
    }
    const receivedAtMs = parseInstant(event.receivedat) ?? record.timestampMs;
    const hearLetter = (letter: LetterData): void => {
      const atMs = Math.max(clock.shardTimeMs, receivedAtMs);
      const state = takeLetter(fire(event.subject), letter, atMs);
      if (state.promises.length === 0) {
        subjects.set(event.subject, { ...state, wakeAtMs: Math.max(state.wakeAtMs ?? 0, atMs + LETTER_WAITS_MS) });
        return;
      }
      const decided = reconsider(state, terms, atMs, clock.shardTimeMs);
      note(decided.announcements);
      subjects.set(event.subject, decided.state ?? newSubject(event.subject));
    };
    if (event.type === LETTER_TYPE) hearLetter(event.data as unknown as LetterData);
    if (!terms.names(event.type)) continue;
    const refuse = (reason: string): void => {
      into.refused.set(`${record.partition}/${record.offset}`, reason);
      hearLetter({ id: deadLetterIdOf('sla-timer', record), status: 'open' });
    };
    if (defects.isPoison(record)) {
      refuse('PROCESSING_FAILED');
      continue;
    }
    const fact = factOf(event, receivedAtMs);
    if (!fact) {
      refuse('FUTURE_FACT');
      continue;
    }
    const taken = takeIn(fire(fact.subject), fact);
    if (taken.kind === 'refused') refuse(taken.reason);
    if (taken.kind !== 'new') continue;
    try {
      const decided = decideOnFact(taken.state, fact, terms, clock.shardTimeMs);
      note(decided.announcements);
      subjects.set(fact.subject, decided.state ?? newSubject(fact.subject));
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      refuse('FACT_NOT_EVALUABLE');
    }
  }
}

/** The same list where the event is about none of them, or says nothing new. */
function disruptionsAfter(known: readonly Disruption[], event: CloudEvent, atMs: number): readonly Disruption[] {
  if (event.type === CONTROL_TYPES.disruptionDeclared) {
    const { disruptionId: id, from, to, effect, scope, reason } = event.data as unknown as DisruptionDeclaredData;
    if (known.some((each) => each.id === id)) return known;
    const [fromMs, untilMs] = [parseInstant(from) as number, parseInstant(to) as number];
    const compiled = scope === null ? { matches: () => true } : (compileDisruptionScope(scope) as Disruption['scope']);
    const all = [
      ...known,
      { id, fromMs, untilMs, effect, scope: compiled, reason, declaredAtMs: atMs, withdrawnAtMs: null },
    ];
    // In the order in which they are read back.
    return all.sort((a, b) => a.declaredAtMs - b.declaredAtMs || (a.id < b.id ? -1 : 1));
  }
  if (event.type !== CONTROL_TYPES.disruptionWithdrawn) return known;
  const { disruptionId } = event.data as unknown as DisruptionWithdrawnData;
  const one = known.find(({ id, withdrawnAtMs }) => id === disruptionId && withdrawnAtMs === null);
  return one === undefined ? known : known.map((each) => (each === one ? { ...one, withdrawnAtMs: atMs } : each));
}

function factOf(event: CloudEvent, receivedAtMs: number): Fact | null {
  const claimedAtMs = parseInstant(event.time) as number;
  const occurredAtMs = effectiveTimeMs(claimedAtMs, receivedAtMs);
  if (occurredAtMs === null) return null;
  const { id, source, type, subject, data, revision = 0 } = event;
  return { id, source, type, subject, occurredAtMs, claimedAtMs, receivedAtMs, revision, data };
}
