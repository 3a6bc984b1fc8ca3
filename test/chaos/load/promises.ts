import { Random } from '../../seeded/random.js';

/** What the guarantee of test/chaos/guarantees says, in figures. */
export const TERMS = { name: 'chaos-delivery', allowanceMs: 10_000, voucherMinor: 250, currency: 'EUR' } as const;
export const SOURCE = 'https://chaos.example/parcels';

export type Course = 'kept' | 'kept-told-late' | 'told-backwards' | 'late' | 'never' | 'withdrawn';

/** One promise of a run: what happens, and when who is told of it. Times in ms since the epoch. */
export interface ChaosPromise {
  readonly subject: string;
  readonly customer: string;
  readonly course: Course;
  readonly openedMs: number;
  readonly dueMs: number;
  readonly postageMinor: number;
  /** When it was delivered or withdrawn; null: never. */
  readonly endedMs: number | null;
  /** Under the guarantee without remedies. */
  readonly isBare?: boolean;
}

export interface ChaosEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** An event at the time when it is told, and by which way. */
export interface Telling {
  readonly atMs: number;
  readonly way: 'http' | 'ingress';
  readonly event: ChaosEvent;
}

const COURSES: readonly (readonly [Course, number])[] = [
  ['kept', 0.56],
  ['kept-told-late', 0.1],
  ['told-backwards', 0.08],
  ['late', 0.1],
  ['never', 0.11],
  ['withdrawn', 0.05],
];
const CUSTOMERS = 2_000;

export interface LoadPlan {
  readonly seed: number;
  readonly startMs: number;
  readonly seconds: number;
  readonly promisesPerSecond: number;
}

/** The promises of a run: the same for the same seed, but for the instant at which the run begins. */
export function planPromises(plan: LoadPlan): ChaosPromise[] {
  const random = new Random(plan.seed, 'promises');
  const total = Math.floor(plan.seconds * plan.promisesPerSecond);
  return Array.from({ length: total }, (_, n) => {
    const openedMs = plan.startMs + Math.floor((n / plan.promisesPerSecond) * 1_000);
    const dueMs = openedMs + random.int(15_000, 50_000);
    const course = courseOf(random.next());
    const subject = `P-${plan.seed}-${n}`;
    const customer = `C-${plan.seed}-${random.int(1, CUSTOMERS)}`;
    const postageMinor = random.int(100, 9_999);
    return {
      subject,
      customer,
      course,
      openedMs,
      dueMs,
      postageMinor,
      endedMs: endOf(course, openedMs, dueMs, random),
    };
  });
}

/** Everything that is told of these promises, in the order of telling; copies and detours as the seed says. */
export function planTellings(seed: number, promises: readonly ChaosPromise[]): Telling[] {
  const random = new Random(seed, 'tellings');
  const tellings = promises.flatMap((promise) => {
    const opening = openingOf(promise);
    const ending = endingOf(promise);
    const told = [
      { atMs: promise.course === 'told-backwards' ? (promise.endedMs ?? 0) + 1_500 : promise.openedMs, event: opening },
      ...(ending === null ? [] : [{ atMs: toldMs(promise), event: ending }]),
    ];
    return told.flatMap(({ atMs, event }): Telling[] => {
      const way = random.chance(0.15) ? 'ingress' : 'http';
      const again = random.chance(0.1) ? [{ atMs: atMs + random.int(100, 20_000), way: 'http' as const, event }] : [];
      return [{ atMs, way, event }, ...again];
    });
  });
  return tellings.sort((a, b) => a.atMs - b.atMs);
}

function courseOf(share: number): Course {
  let sum = 0;
  for (const [course, part] of COURSES) if (share < (sum += part)) return course;
  return 'kept';
}

function endOf(course: Course, openedMs: number, dueMs: number, random: Random): number | null {
  switch (course) {
    case 'never':
      return null;
    case 'late':
      return dueMs + random.int(1, 60_000);
    case 'kept':
    case 'kept-told-late':
      // The very instant of the due is in time.
      return random.chance(0.02) ? dueMs : random.int(openedMs + 1, dueMs);
    default:
      return random.int(openedMs + 1, dueMs - 1_000);
  }
}

/** When the end is told: at once, or, where the scan was late itself, well after the breach. */
function toldMs({ course, dueMs, endedMs }: ChaosPromise): number {
  const ended = endedMs ?? dueMs;
  return course === 'kept-told-late' ? dueMs + TERMS.allowanceMs + 2_000 + (ended % 25_000) : ended;
}

const eventOf = (
  { subject, customer }: ChaosPromise,
  name: string,
  timeMs: number,
  data: Record<string, unknown>,
): ChaosEvent => ({
  specversion: '1.0',
  id: `${subject}-${name}`,
  source: SOURCE,
  type: `chaos.parcel.${name}`,
  subject,
  time: new Date(timeMs).toISOString(),
  data: { customer, ...data },
});

export function openingOf(promise: ChaosPromise): ChaosEvent {
  const opening = eventOf(promise, 'accepted', promise.openedMs, {
    promisedAt: new Date(promise.dueMs).toISOString(),
    postage: { amountMinor: promise.postageMinor, currency: TERMS.currency },
  });
  return promise.isBare ? { ...opening, type: 'chaos.bare.accepted' } : opening;
}

export function endingOf(promise: ChaosPromise): ChaosEvent | null {
  if (promise.endedMs === null) return null;
  return eventOf(promise, promise.course === 'withdrawn' ? 'withdrawn' : 'delivered', promise.endedMs, {});
}
