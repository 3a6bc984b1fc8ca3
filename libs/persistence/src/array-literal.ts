/**
 * Arrays as PostgreSQL reads them from text. The driver writes them element by element through a list of pieces and a
 * pattern each, which was a tenth of sla-timer's CPU; a parameter of these is sent as it is.
 */

/** For `$n::integer[]`, `$n::bigint[]`, `$n::double precision[]`. */
export function numberArray(values: readonly (number | null)[]): string {
  let text = '{';
  for (let i = 0; i < values.length; i++) text += (i === 0 ? '' : ',') + String(values[i] ?? 'NULL');
  return text + '}';
}

/** For `$n::text[]`, `$n::uuid[]`. */
export function textArray(values: readonly (string | null)[]): string {
  let text = '{';
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? null;
    text += i === 0 ? '' : ',';
    text += value === null ? 'NULL' : `"${isPlain(value) ? value : value.replaceAll(/["\\]/g, '\\$&')}"`;
  }
  return text + '}';
}

function isPlain(text: string): boolean {
  return !text.includes('"') && !text.includes('\\');
}
