import { Controller, Get, Inject } from '@nestjs/common';
import { formatInstant } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { DATABASE, Roles } from '#libs/service';

const LIST_TRIPS = `
select t.guarantee, nullif(t.region, '') as region, t.bucket_ms as "bucketMs", t.breaches, t.limit_millis as "limitMillis",
  (select count(*) from line l join entitlement e using (promise_id)
   where l.state = 'held' and l.hold -> 'reasons' ? 'breaker' and e.guarantee = t.guarantee
     and coalesce(l.hold ->> 'region', '') = t.region
     and l.issued_at_ms >= t.bucket_ms and l.issued_at_ms < t.bucket_ms + 600000) as "heldLines"
from breaker_trip t order by t.bucket_ms desc, t.guarantee, t.region limit 200`;

interface TripRow {
  readonly guarantee: string;
  readonly region: string | null;
  readonly bucketMs: number;
  readonly breaches: number;
  readonly limitMillis: number;
  readonly heldLines: number;
}

const BUCKET_MS = 600_000;

/** Storm or broken feed: where far more was missed than usual, newest first, with what still waits for a decision. */
@Controller('breakers')
@Roles('viewer', 'operations', 'finance', 'approver')
export class BreakersController {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  @Get()
  async list() {
    const rows = await this.database.query<TripRow>(LIST_TRIPS);
    return {
      items: rows.map(({ bucketMs, limitMillis, ...row }) => ({
        ...row,
        from: formatInstant(bucketMs),
        to: formatInstant(bucketMs + BUCKET_MS - 1),
        breachesHeldAbove: limitMillis / 1_000,
      })),
    };
  }
}
