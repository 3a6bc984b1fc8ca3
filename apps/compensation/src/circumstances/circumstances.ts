import type { Sql } from '#libs/persistence';
import type { Entitlement } from '../entitlement/entitlement.js';
import { standingOf } from '../entitlement/line.js';
import { isAbout, type Claim } from './claim.js';
import { FIND_CLAIMS, FIND_RETURNED } from './sql.js';

/** What beside the verdict decides what is owed. */
export interface Circumstances {
  /** The first that was filed; null: nobody asked. */
  readonly claim: Claim | null;
  /** Minor units given back already, by base name; in the currency of the base. */
  readonly returned: Readonly<Record<string, number>>;
}

interface Named {
  readonly promiseId: string;
  readonly subject: string;
  readonly refs: Readonly<Record<string, string>>;
  readonly group?: string;
}

interface ReturnedRow {
  readonly subject: string;
  readonly group: string;
  readonly base: string;
  readonly currency: string;
  readonly amountMinor: number;
}

/** Claims and returned money about the promises of one transaction. */
export class CircumstancesBook {
  private constructor(
    private readonly claims: readonly Claim[],
    private readonly returned: readonly ReturnedRow[],
  ) {}

  static async read(promises: readonly Named[], tx: Sql): Promise<CircumstancesBook> {
    if (promises.length === 0) return new CircumstancesBook([], []);
    const subjects = [...new Set(promises.map(({ subject }) => subject))];
    const refKeys = promises.flatMap(({ refs }) => Object.entries(refs).map(([name, value]) => `${name}=${value}`));
    const groups = promises.flatMap(({ group }) => (group === undefined ? [] : [group]));
    const claims = await tx.query<Omit<Claim, 'refs'> & { refs: string }>(FIND_CLAIMS, [
      [...new Set(promises.map(({ promiseId }) => promiseId))],
      subjects,
      [...new Set(refKeys)],
    ]);
    const returned = await tx.query<ReturnedRow>(FIND_RETURNED, [subjects, [...new Set(groups)]]);
    return new CircumstancesBook(
      claims.map((claim) => ({ ...claim, refs: JSON.parse(claim.refs) as Record<string, string> })),
      returned,
    );
  }

  /** @param siblings other promises about the same subject: what stands of them on a base counts as given back. */
  of(
    promise: Named,
    base: Readonly<Record<string, { currency: string }>>,
    siblings: readonly Entitlement[],
  ): Circumstances {
    const returned: Record<string, number> = {};
    const add = (name: string, currency: string, amountMinor: number): void => {
      if (base[name]?.currency === currency) returned[name] = (returned[name] ?? 0) + amountMinor;
    };
    for (const row of this.returned) {
      const isHere = row.group === '' ? row.subject === promise.subject : row.group === promise.group;
      if (isHere) add(row.base, row.currency, row.amountMinor);
    }
    for (const line of siblings.flatMap(({ lines }) => lines)) {
      if (line.details.base !== undefined && line.state !== 'shadow' && line.state !== 'rejected') {
        add(line.details.base, line.currency ?? '', standingOf(line));
      }
    }
    return { claim: this.claimsAbout(promise)[0] ?? null, returned };
  }

  /** Earliest first. */
  claimsAbout(promise: Named): Claim[] {
    const about = this.claims.filter((claim) => isAbout(claim, promise));
    return about.sort((a, b) => a.atMs - b.atMs || (a.eventId < b.eventId ? -1 : 1));
  }
}
