import { isMoney, MAX_AMOUNT_MINOR, POINTS_CURRENCY } from '#libs/kernel';
import { invalid, type Refusal } from './refusal.js';

/** Deeper documents serve nobody and would exhaust the stack of whoever walks them. */
const DEPTH_MAX = 64;
const MONEY_ADVICE =
  'Money is {"amountMinor": 1290, "currency": "BRL"}: an integer of minor units and an ISO 4217 code.';
const currencies = new Set(Intl.supportedValuesOf('currency').filter((code) => code !== POINTS_CURRENCY));
// The list of the ICU leaves out some codes in use.
for (const code of ['CLF', 'UYW', 'VED', 'SLE', 'ZWG', 'XCG']) currencies.add(code);

/** Every amount inside `data`, every text that a database refuses, and the depth. */
export function checkData(value: unknown, pointer: string, depth = 0): Refusal | null {
  if (typeof value === 'string') return checkText(value, pointer);
  if (typeof value !== 'object' || value === null) return null;
  if (depth >= DEPTH_MAX) return invalid(pointer, `nested more than ${DEPTH_MAX} deep`, 'Send flatter data.');
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const refusal = checkData(value[i], `${pointer}/${i}`, depth + 1);
      if (refusal) return refusal;
    }
    return null;
  }
  const object = value as Record<string, unknown>;
  if ('amountMinor' in object && !isWireMoney(object)) return moneyRefusal(object, pointer);
  for (const key in object) {
    const refusal = checkData(object[key], `${pointer}/${key}`, depth + 1);
    if (refusal) return refusal;
    if (!isStorable(key)) return checkText(key, pointer);
  }
  return null;
}

function isWireMoney(object: Record<string, unknown>): boolean {
  return isMoney(object) && currencies.has(object.currency);
}

function moneyRefusal({ amountMinor, currency }: Record<string, unknown>, pointer: string): Refusal {
  const isAmount = isMoney({ amountMinor, currency: 'EUR' });
  if (isAmount && currency === undefined)
    return invalid(`${pointer}/currency`, 'money without a currency', MONEY_ADVICE);
  if (isAmount) return invalid(`${pointer}/currency`, 'no currency of ISO 4217 (three capitals)', MONEY_ADVICE);
  return invalid(`${pointer}/amountMinor`, `an integer within ±${MAX_AMOUNT_MINOR} was expected`, MONEY_ADVICE);
}

/** PostgreSQL keeps neither NUL nor half a surrogate pair. */
function isStorable(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed();
}

export function checkText(text: string, pointer: string): Refusal | null {
  if (isStorable(text)) return null;
  return invalid(
    pointer,
    'a character that is no text (NUL or half a surrogate pair)',
    'Send text in UTF-8 without NUL.',
  );
}
