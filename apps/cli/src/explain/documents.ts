import type { LineEventData, PromiseEventData } from '#libs/contracts';

/** `GET /promises/{id}` of sla-timer, as far as it is explained. */
export interface PromiseDocument {
  readonly promise: PromiseEventData;
  readonly facts?: readonly {
    readonly id: string;
    readonly source: string;
    readonly type: string;
    readonly occurredAt: string;
    readonly receivedAt: string;
  }[];
  readonly timeline?: readonly { readonly sequence: number; readonly kind: string; readonly decidedAt: string }[];
  readonly correctionEndsAt?: string | null;
  readonly rule?: { readonly file: string; readonly name: string; readonly version: number };
}

/** A line of `GET /compensations/{id}`. */
export interface LineDocument extends Partial<Omit<LineEventData, 'amount'>> {
  readonly lineId: string;
  readonly kind?: string;
  readonly state?: string;
  readonly amount?: LineEventData['amount'] | null;
  readonly amountMinor?: number;
  readonly currency?: string | null;
  readonly hold?: {
    /** What still holds it. */
    readonly reasons: readonly string[];
    readonly approvals: readonly { readonly by: string; readonly atMs: number; readonly reason: string | null }[];
  };
}

export interface LedgerEntryDocument {
  readonly account: string;
  readonly currency: string;
  readonly amountMinor: number | string;
  readonly reason?: string;
}

export interface CompensationDocument {
  readonly compensationId: string;
  readonly promiseId?: string;
  readonly lines?: readonly LineDocument[];
  readonly ledger?: readonly LedgerEntryDocument[];
}
