import type { CloudEvent } from '#libs/contracts';
import type { Random } from '../seeded/random.js';
import type { Committed } from './store.js';

/** What is done to a service at a moment that was aimed at. */
export type Blow = 'crash' | 'pause' | 'rebalance' | 'put back';

/** Of the kinds of moments that a service has. */
const AIMED_AT = 0.35;
/** The first moment of a kind is struck so often; the fifth half as often, the ninth a third. */
const FIRST_STRUCK = 0.5;
const HALVED_AFTER = 4;

/**
 * Chooses moments at which something has just been decided and the world does not know it all yet. Their kind is what the
 * transaction tells, and under which guarantee, or that it parks a key: so a seed aims at a few kinds, whichever, at the first
 * moments of each rather than at those which it has in plenty, and what happens seldom is struck as often as daily bread.
 */
export class Aim {
  private readonly seen = new Map<string, number>();
  private readonly blows = new Map<string, Blow | null>();
  private readonly guaranteeOf = new Map<string, string>();

  constructor(
    private readonly random: Random,
    private readonly drawBlow: () => Blow,
  ) {}

  /** null: this one passes. */
  at(committed: Committed): Blow | null {
    let chosen: Blow | null = null;
    for (const kind of this.kindsOf(committed)) {
      const before = this.seen.get(kind) ?? 0;
      this.seen.set(kind, before + 1);
      const chance = FIRST_STRUCK / (1 + before / HALVED_AFTER);
      const blow = this.blowFor(kind);
      if (blow !== null && chosen === null && this.random.chance(chance)) chosen = blow;
    }
    return chosen;
  }

  private blowFor(kind: string): Blow | null {
    const known = this.blows.get(kind);
    if (known !== undefined) return known;
    const blow = this.random.chance(AIMED_AT) ? this.drawBlow() : null;
    this.blows.set(kind, blow);
    return blow;
  }

  private kindsOf({ told, hasParked }: Committed): Set<string> {
    const kinds = new Set(hasParked ? ['parked'] : []);
    for (const { value } of told) {
      const { type, data } = JSON.parse(value.toString()) as CloudEvent;
      const { lineId = '', line } = data as { lineId?: string; line?: { guarantee?: string } };
      const guarantee = (data['guarantee'] as string | undefined) ?? line?.guarantee ?? this.guaranteeOf.get(lineId);
      if (guarantee !== undefined) this.guaranteeOf.set(lineId, guarantee);
      kinds.add(`${type} ${guarantee ?? ''}`);
    }
    return kinds;
  }
}
