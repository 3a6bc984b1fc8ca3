import type { Claim } from '#libs/guarantees';

/** What besides the verdict decides what is owed. */
export interface Circumstances {
  /** The claim that counts (the first by its moment); null: none was made. */
  readonly claim: Claim | null;
  /** Minor units that others gave back already, by the name of the base. */
  readonly returned: Readonly<Record<string, number>>;
}

/**
 * Why what is owed is owed, or nothing: kept apart, since each is another answer to the customer. `open`: no verdict
 * yet; `pending`: a breach whose lateness is not known yet, on which all that it grants depends.
 */
export type ReasonCode =
  | 'kept'
  | 'compensated'
  | 'excused'
  | 'not_covered'
  | 'no_whole_period'
  | 'below_minimum'
  | 'claim_late'
  | 'claim_missing'
  | 'suspended'
  | 'exempt_notice'
  | 'alternative_accepted'
  | 'cured'
  | 'cancelled'
  | 'open'
  | 'pending';
