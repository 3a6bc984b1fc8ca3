/** Crockford's: no I, L, O and U, so that what is read out or copied by hand comes back the same. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const PREFIX = 'MG';
/** 60 bits of the line's id, 5 a digit: two lines of ten million with one reference are less likely than one in 1,000. */
const HEX_DIGITS = 15;
const CHARS = 12;
const UUID_HEX_DIGITS = 32;

/** By what people name a line of money, over the phone too: `MG-7K3F-9Q2X-W0AB`, the beginning of its id. */
export function claimReferenceOf(lineId: string): string {
  let bits = BigInt(`0x${lineId.replaceAll('-', '').slice(0, HEX_DIGITS)}`);
  let text = '';
  for (let i = 0; i < CHARS; i++, bits >>= 5n) text = `${DIGITS[Number(bits & 31n)]}${text}`;
  return [PREFIX, text.slice(0, 4), text.slice(4, 8), text.slice(8)].join('-');
}

/**
 * The first and the last id of a line that has this reference, whatever its case, hyphens and blanks; O is read as 0, I and L
 * as 1. null: it is none.
 */
export function idsOfReference(reference: string): readonly [first: string, last: string] | null {
  const text = reference.toUpperCase().replaceAll(/[\s-]/g, '');
  if (!text.startsWith(PREFIX) || text.length !== PREFIX.length + CHARS) return null;
  let bits = 0n;
  for (const char of text.slice(PREFIX.length).replaceAll('O', '0').replaceAll(/[IL]/g, '1')) {
    const digit = DIGITS.indexOf(char);
    if (digit < 0) return null;
    bits = (bits << 5n) | BigInt(digit);
  }
  const hex = bits.toString(16).padStart(HEX_DIGITS, '0');
  return [uuidOf(hex.padEnd(UUID_HEX_DIGITS, '0')), uuidOf(hex.padEnd(UUID_HEX_DIGITS, 'f'))];
}

function uuidOf(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
