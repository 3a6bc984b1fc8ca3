import type { Guarantee } from '#libs/guarantees';
import type { Quiet } from '../entitlement/line.js';

/** When a guarantee's words are not said, by the zone of whom they go to; null: they are said at any hour. */
export function quietOf({ holding, timeZone }: Guarantee, zone: string | null): Quiet | null {
  return holding.quietHours === null ? null : { ...holding.quietHours, zone: zone ?? timeZone };
}
