import { Inject, Injectable } from '@nestjs/common';
import type { CloudEvent } from '#libs/contracts';
import type { FactView } from '#libs/guarantees';
import { parseInstant, type Clock } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { CLOCK, DATABASE } from '#libs/service';
import { customerOf, learned, loadCustomers, type CustomerRecord } from './customer-records.js';
import { ActiveTerms } from '../terms/active-terms.js';

/** Extensions that an event gets beside its own; null: none. */
export type Enrich = (event: CloudEvent) => Readonly<Record<string, string>> | null;

/** So many customers are remembered; the rest is asked of the database. */
const CACHED_MAX = 50_000;
/** Another instance may have learned something: what is cached is believed no longer than this. */
const BELIEVED_MS = 5_000;
const ANY = 'select exists (select 1 from customer) as any';

/**
 * Writes what is known of a customer into the events that open promises to them, so that the log decides: what is
 * learned later changes no promise made before.
 */
@Injectable()
export class Enrichment {
  private readonly cache = new Map<string, { readonly atMs: number; readonly record: CustomerRecord | null }>();
  private anyKnown = false;
  private askedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ActiveTerms) private readonly terms: ActiveTerms,
  ) {}

  /** What the events of one batch get; news of customers among them counts for those that come after. */
  async forBatch(events: readonly unknown[]): Promise<Enrich> {
    await this.terms.refresh();
    const readable = events.filter(isReadable);
    const updates = readable.some((event) => customerOf(event) !== null);
    if (!updates && !(await this.isAnyKnown())) return () => null;
    await this.load(
      readable.flatMap((event) => {
        const updated = customerOf(event);
        return updated === null ? this.terms.customersIn(viewOf(event)) : [updated];
      }),
    );
    return (event) => this.enrich(event);
  }

  private enrich(event: CloudEvent): Readonly<Record<string, string>> | null {
    const updated = customerOf(event);
    if (updated !== null) {
      this.remember(updated, learned(this.cache.get(updated)?.record ?? null, updated, event));
      this.anyKnown = true;
      return null;
    }
    if (!this.terms.opens(event.type)) return null;
    for (const customer of this.terms.customersIn(viewOf(event))) {
      const record = this.cache.get(customer)?.record;
      if (record) return extensionsOf(record);
    }
    return null;
  }

  private async isAnyKnown(): Promise<boolean> {
    const nowMs = this.clock.nowMs();
    if (this.anyKnown || Math.abs(nowMs - this.askedAtMs) < BELIEVED_MS) return this.anyKnown;
    this.askedAtMs = nowMs;
    const [row] = await this.database.query<{ any: boolean }>(ANY).catch(() => []);
    this.anyKnown = row?.any ?? false;
    return this.anyKnown;
  }

  private async load(customers: readonly string[]): Promise<void> {
    const nowMs = this.clock.nowMs();
    const missing = [...new Set(customers)].filter((customer) => {
      const known = this.cache.get(customer);
      return known === undefined || Math.abs(nowMs - known.atMs) > BELIEVED_MS;
    });
    if (missing.length === 0) return;
    // Without a database events are accepted all the same, with what is known.
    const found = await loadCustomers(missing, this.database).catch(() => null);
    if (found)
      for (const customer of missing)
        this.remember(customer, newer(this.cache.get(customer)?.record, found.get(customer)));
  }

  private remember(customer: string, record: CustomerRecord | null): void {
    this.cache.delete(customer);
    this.cache.set(customer, { atMs: this.clock.nowMs(), record });
    if (this.cache.size <= CACHED_MAX) return;
    const oldest = this.cache.keys().next();
    if (!oldest.done) this.cache.delete(oldest.value);
  }
}

/** Our own table follows the log a moment later than what we have just accepted. */
function newer(cached: CustomerRecord | null | undefined, stored: CustomerRecord | undefined): CustomerRecord | null {
  if (!cached) return stored ?? null;
  return stored && stored.toldAtMs >= cached.toldAtMs ? stored : cached;
}

function extensionsOf({ segment, contract, locale, timeZone }: CustomerRecord): Record<string, string> {
  return {
    ...(segment === null ? {} : { customersegment: segment }),
    ...(contract === null ? {} : { customercontract: contract }),
    ...(locale === null ? {} : { customerlocale: locale }),
    ...(timeZone === null ? {} : { customertimezone: timeZone }),
  };
}

function isReadable(event: unknown): event is CloudEvent {
  if (typeof event !== 'object' || event === null) return false;
  const { type, data } = event as Partial<CloudEvent>;
  return typeof type === 'string' && typeof data === 'object' && data !== null;
}

function viewOf(event: CloudEvent): FactView {
  const { id, source, type, subject, data } = event;
  return { id, source, type, subject, occurredAtMs: parseInstant(event.time) ?? 0, data };
}
