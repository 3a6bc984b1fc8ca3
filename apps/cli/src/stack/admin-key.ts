import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProblemError } from '#libs/kernel';
import { formatApiKey, hashSecret, newApiKey, parseApiKey } from '#libs/security';
import { secretFile } from './secrets.js';

export interface ApiKey {
  readonly keyId: string;
  /** `mg_<keyId>_<secret>`: shown once to whom it was made for. */
  readonly text: string;
  /** SHA-256 of the secret, hexadecimal: all that services ever learn. */
  readonly secretHash: string;
}

export function makeApiKey(): ApiKey {
  return apiKeyOf(formatApiKey(newApiKey()));
}

function apiKeyOf(text: string): ApiKey {
  const parsed = parseApiKey(text);
  if (!parsed) throw new ProblemError({ code: 'KEY_MALFORMED', detail: 'a key mg_<id>_<secret> → something else' });
  return { keyId: parsed.keyId, text, secretHash: hashSecret(parsed.secret) };
}

const adminKeyFile = (dataDir: string): string => join(dataDir, 'admin.key');

/** The stack's own admin key, made at its first start. */
export function ensureAdminKey(dataDir: string): ApiKey {
  return apiKeyOf(secretFile(adminKeyFile(dataDir), () => makeApiKey().text));
}

export function readAdminKey(dataDir: string): ApiKey {
  try {
    return apiKeyOf(readFileSync(adminKeyFile(dataDir), 'utf8').trim());
  } catch (cause) {
    throw new ProblemError(
      {
        code: 'NO_ADMIN_KEY',
        detail: `the stack's admin key in ${adminKeyFile(dataDir)} → ${(cause as Error).message}`,
        advice: 'name the data dir of a stack that was started here: --data-dir D',
      },
      false,
      { cause },
    );
  }
}
