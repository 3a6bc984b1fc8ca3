import type { FactView, PromiseView } from '../guarantee.js';

/** Fields of `event` with their CEL types. */
export const EVENT_FIELDS = {
  id: 'string',
  source: 'string',
  type: 'string',
  subject: 'string',
  time: 'google.protobuf.Timestamp',
  data: 'map<string, dyn>',
} as const;

/** Fields of `customer`: what intake last knew of the customer and wrote into the canonical event; null if nothing. */
export const CUSTOMER_FIELDS = { segment: 'dyn', contract: 'dyn', locale: 'dyn', timeZone: 'dyn' } as const;

/** `event` as CEL sees it. */
export class EventScope {
  constructor(private readonly fact: FactView) {}

  get id(): string {
    return this.fact.id;
  }

  get source(): string {
    return this.fact.source;
  }

  get type(): string {
    return this.fact.type;
  }

  get subject(): string {
    return this.fact.subject;
  }

  get time(): Date {
    return new Date(this.fact.occurredAtMs);
  }

  get data(): FactView['data'] {
    return this.fact.data;
  }
}

/** `customer` as CEL sees it. CloudEvents spells extensions in small letters. */
export class CustomerScope {
  constructor(private readonly fact: FactView) {}

  get segment(): unknown {
    return this.fact.extensions?.['customersegment'] ?? null;
  }

  get contract(): unknown {
    return this.fact.extensions?.['customercontract'] ?? null;
  }

  get locale(): unknown {
    return this.fact.extensions?.['customerlocale'] ?? null;
  }

  get timeZone(): unknown {
    return this.fact.extensions?.['customertimezone'] ?? null;
  }
}

/** The variables of an expression over one event, and over the promise that it speaks about, where there is one. */
export function eventContext(fact: FactView, promise?: PromiseView): Record<string, unknown> {
  const context = { event: new EventScope(fact), customer: new CustomerScope(fact), subject: fact.subject };
  if (promise === undefined) return context;
  return {
    ...context,
    due: new Date(promise.dueAtMs),
    openedAt: new Date(promise.openedAtMs),
    opening: new EventScope(promise.opening),
  };
}
