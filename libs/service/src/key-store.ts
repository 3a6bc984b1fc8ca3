import type { Role } from '#libs/contracts';
import type { Clock } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { parseApiKey, secretMatches } from '#libs/security';

/** Who is calling: shown in audits, never the secret. */
export interface Caller {
  readonly keyId: string;
  readonly role: Role;
  /** The CloudEvents source that an upstream key may speak for; null: not bound. */
  readonly source: string | null;
}

interface StoredKey {
  readonly keyId: string;
  readonly secretHash: string;
  readonly source: string | null;
  readonly role: Role;
  readonly revoked: boolean;
}

const LOAD_KEYS = `select key_id as "keyId", secret_hash as "secretHash", source, role, revoked from api_key`;
/** Another instance may have followed the control topic: what is cached is believed no longer than this. */
const CACHE_MS = 5_000;
/** A revocation is heard at most so late while the database is away. */
const STALE_MS_MAX = 5 * 60_000;

/** The keys known from the control topic, and the bootstrap admin key of the environment. */
export class KeyStore {
  private keys = new Map<string, StoredKey>();
  private loadedAtMs = Number.NEGATIVE_INFINITY;
  private goodUntilMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    bootstrap: string | undefined,
  ) {
    const [keyId, secretHash] = bootstrap?.split(':') ?? [];
    this.bootstrap = keyId && secretHash ? { keyId, secretHash, source: null, role: 'admin', revoked: false } : null;
  }

  private readonly bootstrap: StoredKey | null;

  forget(): void {
    this.loadedAtMs = Number.NEGATIVE_INFINITY;
  }

  /** @returns null when the key is malformed, unknown, wrong or revoked. */
  async authenticate(keyText: string): Promise<Caller | null> {
    const parsed = parseApiKey(keyText);
    if (!parsed) return null;
    const key = await this.find(parsed.keyId);
    if (!key || key.revoked || !secretMatches(parsed.secret, key.secretHash)) return null;
    return { keyId: key.keyId, role: key.role, source: key.source };
  }

  private async find(keyId: string): Promise<StoredKey | null> {
    if (this.bootstrap?.keyId === keyId) return this.bootstrap;
    const nowMs = this.clock.nowMs();
    if (Math.abs(nowMs - this.loadedAtMs) > CACHE_MS) await this.load(nowMs, keyId);
    return this.keys.get(keyId) ?? null;
  }

  /** Keys that are known go on being good for a while when the database is away: senders shall not notice. */
  private async load(nowMs: number, keyId: string): Promise<void> {
    try {
      const rows = await this.database.query<StoredKey>(LOAD_KEYS);
      this.keys = new Map(rows.map((key) => [key.keyId, key]));
      this.loadedAtMs = nowMs;
      this.goodUntilMs = nowMs + STALE_MS_MAX;
    } catch (error) {
      if (!this.keys.has(keyId) || nowMs > this.goodUntilMs) throw error;
    }
  }
}
