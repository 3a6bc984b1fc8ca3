import { Inject, Injectable } from '@nestjs/common';
import { EVENT_LIMITS, type CloudEvent, type SilentSource } from '#libs/contracts';
import type { Database } from '#libs/persistence';
import { DATABASE } from '#libs/service';
import { parseInstant } from '#libs/kernel';
import type { KnownSource } from '../sources/load-sources.js';
import { ActiveTerms } from '../terms/active-terms.js';
import { SOURCES } from '../tokens.js';

/** An explicit sign of life: `{source, by?, upTo?}`; all that happened up to then has been told. */
const HEARTBEAT_TYPE = 'source.heartbeat';
/** A field with more values than this names things, not voices. */
const VOICES_PER_SOURCE_MAX = 1_000;

const SAVE_SEEN = `
insert into source_seen (source, voice, last_seen_ms)
select * from unnest($1::text[], $2::text[], $3::bigint[])
on conflict (source, voice) do update set last_seen_ms = greatest(source_seen.last_seen_ms, excluded.last_seen_ms)`;
const LOAD_SEEN = `
select source, voice, last_seen_ms as "lastSeenMs" from source_seen where source = any($1::text[]) order by source, voice`;

interface Seen {
  readonly source: string;
  /** '' where the source is judged as a whole. */
  readonly voice: string;
  readonly lastSeenMs: number;
}

/** When each source with a heartbeat (or each of its voices) was last heard, by all instances together. */
@Injectable()
export class SourceWatch {
  private readonly watched: ReadonlyMap<string, NonNullable<KnownSource['heartbeat']>>;
  private readonly voices = new Map<string, Set<string>>();
  /** Heard by this instance and not yet written. */
  private pending = new Map<string, Seen>();

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(SOURCES) sources: ReadonlyMap<string, KnownSource>,
    @Inject(ActiveTerms) private readonly terms: ActiveTerms,
  ) {
    const entries = [...sources.values()].flatMap(({ source, heartbeat }) =>
      heartbeat ? [[source, heartbeat] as const] : [],
    );
    this.watched = new Map(entries);
  }

  get isIdle(): boolean {
    return this.watched.size === 0;
  }

  /** Any accepted event is a sign of life of its source. */
  heard(event: CloudEvent, atMs: number): void {
    if (this.watched.size === 0) return;
    const isExplicit = event.type === HEARTBEAT_TYPE;
    const source = isExplicit && typeof event.data['source'] === 'string' ? event.data['source'] : event.source;
    const heartbeat = this.watched.get(source);
    if (!heartbeat) return;
    const voice = heartbeat.by === null ? '' : isExplicit ? event.data['by'] : memberAt(event, heartbeat.by);
    if (typeof voice !== 'string' || voice.length > EVENT_LIMITS.textIdCharsMax || !this.isKnownVoice(source, voice))
      return;
    const upToMs = isExplicit ? parseInstant(event.data['upTo']) : null;
    const lastSeenMs = Math.max(
      upToMs === null ? atMs : Math.min(upToMs, atMs),
      this.pending.get(`${source}\n${voice}`)?.lastSeenMs ?? 0,
    );
    this.pending.set(`${source}\n${voice}`, { source, voice, lastSeenMs });
  }

  /** A source that was never heard counts from when it was first watched. */
  async begin(nowMs: number): Promise<void> {
    const whole = [...this.watched].filter(([, { by }]) => by === null).map(([source]) => source);
    await this.database.query(`${SAVE_SEEN.split('on conflict')[0]} on conflict do nothing`, [
      whole,
      whole.map(() => ''),
      whole.map(() => nowMs),
    ]);
  }

  async flush(): Promise<void> {
    if (this.pending.size === 0) return;
    const seen = this.pending;
    this.pending = new Map();
    // Rows in one order, so that two instances cannot wait for each other.
    const rows = [...seen.keys()].sort().map((key) => seen.get(key) as Seen);
    try {
      const columns = [
        rows.map(({ source }) => source),
        rows.map(({ voice }) => voice),
        rows.map(({ lastSeenMs }) => lastSeenMs),
      ];
      await this.database.query(SAVE_SEEN, columns);
    } catch (error) {
      this.pending = new Map([...seen, ...this.pending]);
      throw error;
    }
  }

  /** Who has been silent beyond its heartbeat, in order of name. */
  async silentAt(nowMs: number): Promise<SilentSource[]> {
    if (this.watched.size === 0) return [];
    await this.flush();
    await this.terms.refresh();
    const rows = await this.database.query<Seen>(LOAD_SEEN, [[...this.watched.keys()]]);
    return rows.flatMap(({ source, voice, lastSeenMs }) => {
      const heartbeat = this.watched.get(source);
      const isJudged = heartbeat !== undefined && (heartbeat.by === null) === (voice === '');
      if (!isJudged || this.quietMs(heartbeat, lastSeenMs, nowMs) <= heartbeat.withinMs) return [];
      return [voice === '' ? { source } : { source, by: voice }];
    });
  }

  /** How long nothing was heard while somebody should have been there. Closed hours neither make silent nor end it. */
  private quietMs({ during }: NonNullable<KnownSource['heartbeat']>, lastSeenMs: number, nowMs: number): number {
    const calendar = during === null ? null : this.terms.calendar(during);
    return calendar === null ? nowMs - lastSeenMs : calendar.openMsBetween(lastSeenMs, nowMs);
  }

  private isKnownVoice(source: string, voice: string): boolean {
    let known = this.voices.get(source);
    if (!known) this.voices.set(source, (known = new Set()));
    if (known.has(voice)) return true;
    return known.size < VOICES_PER_SOURCE_MAX && known.add(voice).has(voice);
  }
}

function memberAt(event: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined,
    event,
  );
}
