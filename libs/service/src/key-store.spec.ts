import type { Database } from '#libs/persistence';
import { formatApiKey, hashSecret, newApiKey } from '#libs/security';
import { KeyStore } from './key-store.js';

const key = newApiKey();
const row = { keyId: key.keyId, secretHash: hashSecret(key.secret), source: 'urn:x', role: 'upstream', revoked: false };

function storeWith(rows: unknown[]): { store: KeyStore; at: (nowMs: number) => void; away: (isAway: boolean) => void } {
  let nowMs = 0;
  let isAway = false;
  const database = {
    query: async () => {
      if (isAway) throw new Error('ECONNREFUSED');
      return rows;
    },
  } as unknown as Database;
  const clock = { nowMs: () => nowMs, sleep: async () => undefined };
  return {
    store: new KeyStore(database, clock, undefined),
    at: (ms) => (nowMs = ms),
    away: (value) => (isAway = value),
  };
}

describe('KeyStore', () => {
  it('knows a key by its whole text only', async () => {
    const { store } = storeWith([row]);
    expect(await store.authenticate(formatApiKey(key))).toEqual({
      keyId: key.keyId,
      role: 'upstream',
      source: 'urn:x',
    });
    expect(await store.authenticate(formatApiKey({ ...key, secret: newApiKey().secret }))).toBeNull();
    expect(await store.authenticate('mg_x')).toBeNull();
  });

  it('refuses a revoked key', async () => {
    expect(await storeWith([{ ...row, revoked: true }]).store.authenticate(formatApiKey(key))).toBeNull();
  });

  it('goes on with keys it knows for five minutes while the database is away, and no longer', async () => {
    const { store, at, away } = storeWith([row]);
    await store.authenticate(formatApiKey(key));
    away(true);
    at(300_000);
    expect(await store.authenticate(formatApiKey(key))).not.toBeNull();
    at(300_001);
    await expect(store.authenticate(formatApiKey(key))).rejects.toThrow('ECONNREFUSED');
  });

  it('does not call an unknown key unknown while it cannot look', async () => {
    const { store, away } = storeWith([]);
    away(true);
    await expect(store.authenticate(formatApiKey(key))).rejects.toThrow('ECONNREFUSED');
  });
});
