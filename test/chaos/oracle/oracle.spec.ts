import { planPromises, type ChaosPromise } from '../load/promises.js';
import type { TailRecord } from './log-tail.js';
import { count, owedMinorOf, verdictOf, type Evidence } from './oracle.js';

/** A world in which everything went as it should, so that each test can spoil one thing. */
class World {
  readonly promises: readonly ChaosPromise[] = planPromises({ seed: 3, startMs: 0, seconds: 30, promisesPerSecond: 4 });
  events: TailRecord[] = [];
  steps: TailRecord[] = [];
  lines: TailRecord[] = [];
  readonly payments = new Map<string, number>();
  unbalancedTransfers = 0;
  accounts: Record<string, number>;

  constructor() {
    let paid = 0;
    for (const promise of this.promises) {
      this.hear(promise);
      this.say(this.steps, promise.subject, 1, 'opened', null);
      this.say(this.steps, promise.subject, 2, verdictOf(promise), verdictOf(promise), {
        decidedAt: at(promise.dueMs + 10_000),
      });
      if (owedMinorOf(promise) === 0) continue;
      for (const [remedy, minor] of [
        ['postage', promise.postageMinor],
        ['sorry', 250],
      ] as const) {
        this.ask(promise.subject, remedy, minor);
        this.payments.set(`${promise.subject}-${remedy}`, minor);
        paid += minor;
      }
    }
    this.accounts = { 'expense:chaos-delivery': paid, paid: -paid };
  }

  ask(subject: string, remedy: string, amountMinor: number, key = `${subject}-${remedy}`): void {
    const data = { lineId: `${subject}-${remedy}`, lineSequence: 1, idempotencyKey: key, amount: { amountMinor } };
    this.lines.push(recordOf({ id: `${subject}-${remedy}-1`, type: 'makegood.refund.requested', subject, data }));
  }

  say(to: TailRecord[], subject: string, sequence: number, kind: string, verdict: string | null, more = {}): void {
    const data = { promiseId: `id-of-${subject}`, subject, sequence, verdict, ...more };
    to.push(recordOf({ id: `${subject}-${sequence}`, type: `makegood.promise.${kind}`, subject, data }));
  }

  firstWith(verdict: string): ChaosPromise {
    return this.promises.find((promise) => verdictOf(promise) === verdict) as ChaosPromise;
  }

  violations(): readonly string[] {
    const { events, steps: promises, lines: compensations, payments, unbalancedTransfers, accounts } = this;
    const evidence: Evidence = {
      events,
      promises,
      compensations,
      deadLetters: [],
      loyalty: [],
      payments,
      unbalancedTransfers,
      accounts,
    };
    return count(this.promises, evidence).violations;
  }

  private hear({ subject, openedMs, endedMs, course }: ChaosPromise): void {
    this.events.push(recordOf({ id: `${subject}-accepted` }, openedMs));
    const name = course === 'withdrawn' ? 'withdrawn' : 'delivered';
    if (endedMs !== null) this.events.push(recordOf({ id: `${subject}-${name}` }, endedMs));
  }
}

const at = (ms: number): string => new Date(ms).toISOString();
const recordOf = (event: object, appendedMs = 0): TailRecord => ({
  topic: 't',
  partition: 0,
  offset: 0,
  appendedMs,
  text: JSON.stringify(event),
});

describe('the oracle of chaos', () => {
  let world: World;
  beforeEach(() => (world = new World()));

  it('finds nothing where all is well, also when a topic carries an event twice', () => {
    world.steps.push(world.steps[0] as TailRecord);
    expect(world.violations()).toEqual([]);
  });

  const spoilt: Record<string, (world: World) => void> = {
    'a verdict that never came': (w) => void w.steps.pop(),
    'a wrong verdict': (w) =>
      w.say(w.steps, w.firstWith('kept').subject, 3, 'breached', 'breached', { decidedAt: at(9e9) }),
    'a gap in the numbers': (w) => w.say(w.steps, w.firstWith('kept').subject, 4, 'kept', 'kept'),
    'two contents under one number': (w) =>
      w.say(w.steps, w.firstWith('kept').subject, 2, 'kept', 'kept', { decidedAt: at(1) }),
    'a breach of what the log knew to be kept': (w) => {
      const { subject } = w.firstWith('kept');
      w.steps = w.steps.filter(({ text }) => !text.includes(`"id":"${subject}-2"`));
      w.say(w.steps, subject, 2, 'breached', 'breached', { decidedAt: at(9e9) });
      w.say(w.steps, subject, 3, 'retracted', 'kept');
    },
    'a promise that nobody made': (w) => w.say(w.steps, 'P-0-0', 1, 'opened', null),
    'an acknowledged event that is not in the log': (w) => void w.events.shift(),
    'a line that is missing': (w) => void w.lines.pop(),
    'a line too many': (w) => w.ask(w.firstWith('breached').subject, 'again', 250),
    'a line for what was kept': (w) => w.ask(w.firstWith('kept').subject, 'postage', 100),
    'one key for two lines': (w) => {
      const { subject } = w.firstWith('breached');
      w.ask(subject, 'again', 1, `${subject}-sorry`);
    },
    'a payment too many': (w) => {
      const { subject } = w.firstWith('breached');
      w.ask(subject, 'again', 99_999);
      w.payments.set(`${subject}-again`, 99_999);
    },
    'a transfer that does not sum to zero': (w) => void (w.unbalancedTransfers = 1),
    'books that miss a payment': (w) => void (w.accounts = { ...w.accounts, paid: (w.accounts['paid'] ?? 0) + 1 }),
    'something left to pay': (w) => void (w.accounts = { ...w.accounts, 'payable:x': -5, 'expense:y': 5 }),
  };
  it.each(Object.entries(spoilt))('finds %s', (_, spoil) => {
    spoil(world);
    expect(world.violations()).not.toEqual([]);
  });
});
