/** How money reaches somebody, as `customer.updated` told it. */
export interface Payee {
  /** `iban`, or a name of yours. */
  readonly method: string;
  readonly reference: string;
  readonly name?: string;
  readonly bic?: string;
  readonly address?: Address;
}

/** Structured, as payments have to carry it; never free lines. */
export interface Address {
  readonly street?: string;
  readonly building?: string;
  readonly postCode?: string;
  readonly town: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
}

/** null: there is no way to pay. */
export function readPayee(value: unknown): Payee | null {
  const { method, reference, name, bic, address } = (value ?? {}) as Record<string, unknown>;
  if (!isText(method, 35) || !isText(reference, 200)) return null;
  const where = readAddress(address);
  return {
    method,
    reference,
    ...(isText(name, 140) ? { name } : {}),
    ...(isText(bic, 11) ? { bic } : {}),
    ...(where === null ? {} : { address: where }),
  };
}

function readAddress(value: unknown): Address | null {
  const { street, building, postCode, town, country } = (value ?? {}) as Record<string, unknown>;
  if (!isText(town, 35) || !isText(country, 2) || !/^[A-Z]{2}$/.test(country)) return null;
  return {
    ...(isText(street, 70) ? { street } : {}),
    ...(isText(building, 16) ? { building } : {}),
    ...(isText(postCode, 16) ? { postCode } : {}),
    town,
    country,
  };
}

function isText(value: unknown, charsMax: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= charsMax;
}

const IBAN = /^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$/;

/** By its check digits (ISO 13616), so that a file is not sent back whole for one slip. */
export function isIban(text: string): boolean {
  if (!IBAN.test(text)) return false;
  const digits = [...`${text.slice(4)}${text.slice(0, 4)}`].map((c) => parseInt(c, 36)).join('');
  let rest = 0;
  for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97;
  return rest === 1;
}
