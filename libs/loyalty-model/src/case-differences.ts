/** Where two values differ by more than the tolerance; a number may be absent for one that is nothing. */
export function differencesBetween(
  expected: unknown,
  found: unknown,
  tolerance: number,
  path = '',
): { path: string; expected: unknown; found: unknown }[] {
  if (typeof expected === 'number' || typeof found === 'number') {
    const apart = Math.abs(Number(expected ?? 0) - Number(found ?? 0));
    return apart <= tolerance ? [] : [{ path, expected, found }];
  }
  if (typeof expected === 'object' && expected !== null && typeof found === 'object' && found !== null) {
    const [left, right] = [expected as Record<string, unknown>, found as Record<string, unknown>];
    const names = path === '' ? Object.keys(left) : [...new Set([...Object.keys(left), ...Object.keys(right)])];
    return names.flatMap((name) =>
      differencesBetween(left[name], right[name], tolerance, path ? `${path}.${name}` : name),
    );
  }
  return Object.is(expected, found) ? [] : [{ path, expected, found }];
}
