import type { Sql } from '#libs/persistence';
import { isAbout, refKeyOf, type Claim } from './claim.js';
import type { MoneyReturned } from './money-returned.js';
import { FIND_PROMISES_BY_REFS, FIND_PROMISES_OF, OWN_CIRCUMSTANCES, SAVE_CLAIMS, SAVE_RETURNED } from './sql.js';

interface PromiseRow {
  readonly promiseId: string;
  readonly subject: string;
  readonly group: string | null;
  readonly refs: string;
}

/** Which promises claims and returned money are about, as far as they are known. */
export interface Concerned {
  readonly ofClaim: ReadonlyMap<Claim, readonly string[]>;
  readonly ofReturned: ReadonlyMap<MoneyReturned, readonly string[]>;
  /** Claims that were not read before. */
  readonly fresh: ReadonlySet<Claim>;
}

/** Writes them down, and finds whom they concern: alone, so that no promise is decided meanwhile without them. */
export async function saveCircumstances(
  claims: readonly Claim[],
  returned: readonly MoneyReturned[],
  tx: Sql,
): Promise<Concerned> {
  if (claims.length + returned.length === 0) return { ofClaim: new Map(), ofReturned: new Map(), fresh: new Set() };
  await tx.query(OWN_CIRCUMSTANCES);
  const fresh = await saveClaims(claims, tx);
  await saveReturned(returned, tx);
  const rows = await findPromises(claims, returned, tx);
  const promises = rows.map((row) => ({ ...row, refs: JSON.parse(row.refs) as Record<string, string> }));
  const idsWhere = (holds: (promise: (typeof promises)[number]) => boolean): string[] =>
    promises.filter(holds).map(({ promiseId }) => promiseId);
  return {
    fresh,
    ofClaim: new Map(claims.map((claim) => [claim, idsWhere((promise) => isAbout(claim, promise))])),
    ofReturned: new Map(
      returned.map((one) => [
        one,
        idsWhere(({ subject, group }) => (one.group === '' ? subject === one.subject : group === one.group)),
      ]),
    ),
  };
}

/** @returns those that were not known before */
export async function saveClaims(claims: readonly Claim[], tx: Sql): Promise<ReadonlySet<Claim>> {
  if (claims.length === 0) return new Set();
  const column = <K extends keyof Claim>(key: K): Claim[K][] => claims.map((claim) => claim[key]);
  const saved = await tx.query<{ source: string; eventId: string }>(SAVE_CLAIMS, [
    column('source'),
    column('eventId'),
    column('promiseId'),
    column('subject'),
    claims.map((claim) => (claim.promiseId === null && claim.subject === null ? refKeyOf(claim.refs) : null)),
    claims.map(({ refs }) => JSON.stringify(refs)),
    column('claimant'),
    column('channel'),
    column('atMs'),
    column('wants'),
    column('actor'),
  ]);
  const keys = new Set(saved.map(({ source, eventId }) => JSON.stringify([source, eventId])));
  return new Set(claims.filter(({ source, eventId }) => keys.delete(JSON.stringify([source, eventId]))));
}

async function saveReturned(returned: readonly MoneyReturned[], tx: Sql): Promise<void> {
  if (returned.length === 0) return;
  await tx.query(SAVE_RETURNED, [
    returned.map(({ subject }) => subject),
    returned.map(({ group }) => group),
    returned.map(({ base }) => base),
    returned.map(({ reference }) => reference),
    returned.map(({ amount }) => amount.amountMinor),
    returned.map(({ amount }) => amount.currency),
    returned.map(({ reason }) => reason),
    returned.map(({ atMs }) => atMs),
  ]);
}

async function findPromises(
  claims: readonly Claim[],
  returned: readonly MoneyReturned[],
  tx: Sql,
): Promise<PromiseRow[]> {
  const present = (values: readonly (string | null)[]): string[] =>
    [...new Set(values.filter((value) => value !== null && value !== ''))] as string[];
  const rows = await tx.query<PromiseRow>(FIND_PROMISES_OF, [
    present(claims.map(({ promiseId }) => promiseId)),
    present([...claims, ...returned].map(({ subject }) => subject)),
    present(returned.map(({ group }) => group)),
  ]);
  const byRefs = claims.filter(({ promiseId, subject }) => promiseId === null && subject === null);
  if (byRefs.length > 0) {
    const patterns = byRefs.map(({ refs }) => `%${likeText(JSON.stringify(Object.values(refs)[0] ?? ''))}%`);
    rows.push(...(await tx.query<PromiseRow>(FIND_PROMISES_BY_REFS, [patterns])));
  }
  return [...new Map(rows.map((row) => [row.promiseId, row])).values()];
}

function likeText(text: string): string {
  return text.replace(/[\\%_]/g, (character) => `\\${character}`);
}
