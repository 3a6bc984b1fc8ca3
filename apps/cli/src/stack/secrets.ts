import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** The secret kept in `file` (readable by its owner only), made at the first call. */
export function secretFile(file: string, make: () => string = () => randomBytes(24).toString('base64url')): string {
  if (existsSync(file)) {
    const known = readFileSync(file, 'utf8').trim();
    if (known) return known;
  }
  const secret = make();
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  return secret;
}
