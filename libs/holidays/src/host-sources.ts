import type { HolidaySources } from '#libs/calendar';
import { loadPublicHolidays } from './public-holidays.js';

/**
 * What a set of guarantees is compiled from beside its files: the public holidays of all countries, and the name of
 * this host's tz data. Asked once, when a set is checked or activated; what was compiled then travels with the set.
 */
export async function hostSources(): Promise<HolidaySources & { readonly tzVersion: string }> {
  return { publicHolidays: await loadPublicHolidays(), tzVersion: process.versions['tz'] ?? 'unknown' };
}
