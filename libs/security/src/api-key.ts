import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** `mg_<keyId>_<secret>`: the id may be logged, the secret is shown once and kept only as a hash. */
export interface ApiKeyText {
  readonly keyId: string;
  readonly secret: string;
}

const KEY_TEXT = /^mg_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/;

export function newApiKey(): ApiKeyText {
  return { keyId: randomBytes(6).toString('hex'), secret: randomBytes(32).toString('base64url') };
}

export function formatApiKey({ keyId, secret }: ApiKeyText): string {
  return `mg_${keyId}_${secret}`;
}

export function parseApiKey(text: string): ApiKeyText | null {
  const m = KEY_TEXT.exec(text);
  return m ? { keyId: m[1] as string, secret: m[2] as string } : null;
}

/** SHA-256, hexadecimal. The secret has 256 random bits: a slow hash would protect nothing more. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

export function secretMatches(secret: string, secretHash: string): boolean {
  return timingSafeEqual(Buffer.from(hashSecret(secret), 'hex'), Buffer.from(secretHash, 'hex'));
}
