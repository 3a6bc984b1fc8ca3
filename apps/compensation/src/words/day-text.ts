const MONTHS: Readonly<Record<string, readonly string[]>> = {
  en: [
    'January',
    'February',
    'March',
    'April',
    'May',
    'June',
    'July',
    'August',
    'September',
    'October',
    'November',
    'December',
  ],
};

/**
 * A local date as people write it: "3 May 2018". Tables of our own, since the words are part of events that must come
 * out the same whatever the runtime's language data; a language without a table gets the date as `YYYY-MM-DD`.
 */
export function dayText(date: string, locale: string): string {
  const months = MONTHS[locale.split('-')[0] as string];
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  return months ? `${day} ${months[month - 1]} ${year}` : date;
}
