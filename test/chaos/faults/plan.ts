import { Random } from '../../seeded/random.js';

export const FAULT_KINDS = [
  'kill-service',
  'kill-both',
  'freeze-service',
  'restart-service',
  'kill-broker',
  'restart-broker',
  'freeze-broker',
  'kill-database',
  'restart-database',
  'end-sessions',
  'read-only',
  'disk-full',
  'cut-broker',
  'cut-database',
  'hang-network',
  'delay-network',
  'skew-clock',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** From the beginning of the load. */
  readonly atMs: number;
  /** How long it lasts; 0: it is over at once. */
  readonly lastsMs: number;
  /** An instance (`sla-timer-2`), a service (`kill-both`), or the server that the kind names. */
  readonly target: string;
  /** delay-network: per chunk and direction; skew-clock: how far ahead. */
  readonly amountMs: number;
}

export interface FaultPlan {
  readonly seed: number;
  readonly lengthMs: number;
  readonly instances: readonly string[];
  readonly services: readonly string[];
  readonly kinds: readonly FaultKind[];
}

/** Kafka gives up a silent member after 8 s: frozen for longer, it comes back as a zombie. */
const PAST_SESSION_MS = { least: 22_000, most: 30_000 };
const GAP_MS = { least: 5_000, most: 14_000 };
const FIRST_AT_MS = 6_000;

/** What is done when, to whom: kinds are dealt from a shuffled deck, so that each has its turn before any comes again. */
export function planFaults(plan: FaultPlan): Fault[] {
  const random = new Random(plan.seed, 'faults');
  const faults: Fault[] = [];
  const busyUntil = new Map<string, number>();
  let deck: FaultKind[] = [];
  for (let atMs = FIRST_AT_MS; ; atMs += random.int(GAP_MS.least, GAP_MS.most)) {
    if (deck.length === 0) deck = random.shuffled(plan.kinds);
    const kind = deck.pop() as FaultKind;
    const free = targetsOf(kind, plan).filter((target) => (busyUntil.get(target) ?? 0) <= atMs);
    const lastsMs = lengthOf(kind, random);
    if (atMs + lastsMs > plan.lengthMs) return faults;
    if (free.length === 0) {
      deck.unshift(kind);
      continue;
    }
    const target = random.pick(free);
    busyUntil.set(target, atMs + lastsMs + 3_000);
    faults.push({ kind, atMs, lastsMs, target, amountMs: amountOf(kind, random) });
  }
}

function targetsOf(kind: FaultKind, { instances, services }: FaultPlan): readonly string[] {
  if (kind === 'kill-both') return services;
  if (kind.endsWith('-broker') && kind !== 'cut-broker') return ['broker'];
  if (['kill-database', 'restart-database', 'end-sessions', 'read-only', 'disk-full'].includes(kind))
    return ['database'];
  return instances;
}

function lengthOf(kind: FaultKind, random: Random): number {
  switch (kind) {
    case 'freeze-service':
      return random.int(PAST_SESSION_MS.least, PAST_SESSION_MS.most);
    case 'freeze-broker':
    case 'read-only':
    case 'disk-full':
      return random.int(5_000, 15_000);
    case 'cut-broker':
    case 'cut-database':
    case 'hang-network':
      return random.int(4_000, 25_000);
    case 'delay-network':
      return random.int(10_000, 25_000);
    case 'skew-clock':
      return random.int(30_000, 60_000);
    default:
      return 0;
  }
}

function amountOf(kind: FaultKind, random: Random): number {
  if (kind === 'delay-network') return random.int(50, 600);
  // Hours, and either way; not a day, which would make honest news look as if it came from the future.
  if (kind === 'skew-clock') return random.pick([-1, 1]) * random.int(60_000, 12 * 3_600_000);
  return 0;
}

const WORDS: Readonly<Record<FaultKind, string>> = {
  'kill-service': 'kill -9',
  'kill-both': 'kill -9 of all instances',
  'freeze-service': 'SIGSTOP past its session timeout',
  'restart-service': 'restart in order',
  'kill-broker': 'kill -9',
  'restart-broker': 'restart in order',
  'freeze-broker': 'SIGSTOP',
  'kill-database': 'kill -9',
  'restart-database': 'restart in order',
  'end-sessions': 'all sessions ended',
  'read-only': 'read-only',
  'disk-full': 'disk full',
  'cut-broker': 'cut off from the broker',
  'cut-database': 'cut off from the database',
  'hang-network': 'connections hang',
  'delay-network': 'connections delayed',
  'skew-clock': 'clock skewed',
};

/** "sla-timer-2: SIGSTOP past its session timeout, 27 s". */
export function wordsOf(fault: Fault): string {
  const extent =
    fault.kind === 'delay-network'
      ? ` by ${fault.amountMs} ms`
      : fault.kind === 'skew-clock'
        ? ` by ${fault.amountMs > 0 ? '+' : '−'}${(Math.abs(fault.amountMs) / 3_600_000).toFixed(1)} h`
        : '';
  const lasts = fault.lastsMs === 0 ? '' : `, ${Math.round(fault.lastsMs / 1_000)} s`;
  return `${fault.target}: ${WORDS[fault.kind]}${extent}${lasts}`;
}
