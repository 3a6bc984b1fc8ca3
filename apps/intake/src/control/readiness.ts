import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '#libs/persistence';
import { DATABASE } from '#libs/service';

/** Whether the first set of guarantees has been copied to every partition: no fact goes before it. */
@Injectable()
export class Readiness {
  private isKnown = false;

  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /** Once true it stays so: sets are replaced, never taken away. */
  async hasGuarantees(): Promise<boolean> {
    if (this.isKnown) return true;
    const [row] = await this.database.query<{ sets: number }>('select sets_copied as sets from control_copy');
    this.isKnown = (row?.sets ?? 0) > 0;
    return this.isKnown;
  }
}
