import { contributions, moveOfEvent, type Days, type Ruleset } from '#libs/loyalty-model';
import type { Trail } from '../customer-document/history.js';

/** Points by cause. */
export type Causes = Readonly<Record<string, number>>;

/** Points of each cause over the events of a history after the first `seen` ones. */
export function causesBetween(trail: Trail, seen: number, asOf: Days, rules: Ruleset): Causes {
  let { state } = trail.headAfter(seen);
  const causes: Record<string, number> = {};
  for (const event of trail.events.slice(seen, trail.countAt(asOf))) {
    const move = moveOfEvent(state, event, rules);
    state = move.state;
    for (const [cause, points] of Object.entries(move.byEvent)) causes[cause] = (causes[cause] ?? 0) + points;
  }
  return causes;
}

/** What it makes that a history was another than was thought. */
export function differenceMade(before: Trail, after: Trail, asOf: Days, rules: Ruleset): Causes {
  return contributions(before.standingAt(asOf).components, after.standingAt(asOf).components, rules);
}
