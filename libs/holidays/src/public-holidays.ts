import { dayNumberOf, type HolidaySources } from '#libs/calendar';
import { MAX_INSTANT_MS, MIN_INSTANT_MS, nearestName } from '#libs/kernel';

const DAY_MS = 86_400_000;
const [YEAR_MIN, YEAR_MAX] = [MIN_INSTANT_MS, MAX_INSTANT_MS].map((ms) => new Date(ms).getUTCFullYear()) as [
  number,
  number,
];

type PublicHolidays = NonNullable<HolidaySources['publicHolidays']>;

/**
 * Public holidays by country and region, from `date-holidays`: what is a holiday by law or for all; no observances, no
 * bank or school holidays, no half days. A tenth of a second to load and a fifth to compute (China, by its moon: some),
 * so it is loaded when a calendar is compiled and never else; once a process, which remembers what it computed.
 */
export function loadPublicHolidays(): Promise<PublicHolidays> {
  return (loaded ??= load());
}

let loaded: Promise<PublicHolidays> | null = null;

async function load(): Promise<PublicHolidays> {
  const { default: Holidays } = await import('date-holidays');
  const countries = new Holidays().getCountries('en');
  const known = new Map<string, readonly number[]>();
  return (country, region) => {
    if (!(country in countries)) {
      const nearest = nearestName(country.toUpperCase(), Object.keys(countries));
      return `${nearest === null ? '' : `Did you mean \`${nearest}\`? `}Countries are two capitals of ISO 3166, e.g. DE.`;
    }
    const states = Object.keys(new Holidays().getStates(country, 'en') ?? {});
    if (region !== null && !states.includes(region.toUpperCase())) {
      return states.length === 0 ? `${country} has no regions.` : `Regions of ${country}: ${states.join(', ')}.`;
    }
    const key = `${country}-${region ?? ''}`;
    const days = known.get(key) ?? daysOf(region === null ? new Holidays(country) : new Holidays(country, region));
    known.set(key, days);
    return days;
  };
}

interface Calculator {
  getHolidays(year: number): { date: string; start: Date; end: Date; type: string }[];
}

function daysOf(calculator: Calculator): number[] {
  const days = new Set<number>();
  for (let year = YEAR_MIN; year <= YEAR_MAX; year++) {
    for (const { date, start, end, type } of calculator.getHolidays(year)) {
      // `date` is the local date; what begins later than midnight is a part of a day.
      if (type !== 'public' || date.slice(11, 19) !== '00:00:00') continue;
      const first = dayNumberOf(date.slice(0, 10));
      const length = Math.max(1, Math.round((end.getTime() - start.getTime()) / DAY_MS));
      for (let i = 0; i < length; i++) days.add(first + i);
    }
  }
  return [...days].sort((a, b) => a - b);
}
