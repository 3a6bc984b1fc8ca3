import type { ActivatedFile } from '#libs/contracts';

/** What a file of a set is, by its name and its first words: a CSV is a table, an iCalendar file holidays, a `kind: Calendar` a calendar. */
export function kindOfTermsFile(file: string, text: string): ActivatedFile['kind'] {
  if (/\.csv$/i.test(file)) return 'table';
  if (/\.ics$/i.test(file)) return 'holidays';
  return /^kind:\s*["']?Calendar\b/m.test(text) ? 'calendar' : 'guarantee';
}
