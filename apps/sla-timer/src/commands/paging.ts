const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;

/** Size of a page as asked for, within bounds. */
export function limitFrom(text: string | undefined): number {
  return Math.min(LIMIT_MAX, Math.max(1, Number.parseInt(text ?? '', 10) || LIMIT_DEFAULT));
}
