import { XMLParser } from 'fast-xml-parser';
import { nameIdOf } from '#libs/kernel';
import type { ExportedLine } from '../../apps/compensation/src/exports/csv-export.js';
import { amountText, controlSum } from '../../apps/compensation/src/exports/money-text.js';
import { pain001Of } from '../../apps/compensation/src/exports/pain001.js';
import { isIban } from '../../apps/compensation/src/exports/payee.js';
import { pain001Faults } from './pain001-rules.js';

const IBANS = ['DE89370400440532013000', 'GB82WEST12345698765432', 'SI56263300012039086'];
const line = (i: number, currency = 'EUR', amountMinor = 490 + i): ExportedLine => ({
  lineId: nameIdOf('line', i),
  kind: 'refund',
  amountMinor,
  currency,
  route: 'export:bank',
  beneficiary: `C-${i}`,
  payee: {
    method: i % 7 === 0 ? 'account' : 'iban',
    reference: i % 7 === 0 ? '000123' : (IBANS[i % 3] as string),
    name: i % 2 === 0 ? `Ŝtefan & <Söhne> "${i}"` : `${'Very Long Name '.repeat(9)}`,
    ...(i % 3 === 0 ? { bic: 'COBADEFFXXX' } : {}),
    ...(i % 4 === 0
      ? { address: { street: 'Hauptstraße', building: '1a', postCode: '10115', town: 'Berlin', country: 'DE' } }
      : {}),
  },
  guarantee: 'order-delivery',
  subject: `A-${i}`,
  refs: { order: `A-${i}`, note: '😀 <b>'.repeat(40) },
  issuedAtMs: 1_780_000_000_000,
  payBy: null,
});
const fileOf = (lines: readonly ExportedLine[]): string =>
  pain001Of({
    number: 7,
    madeAtMs: Date.UTC(2026, 10, 25, 12),
    executeOn: '2026-11-26',
    debtor: { name: 'Good & Co', iban: IBANS[0] as string, address: { town: 'Kassel', country: 'DE' } },
    lines,
  });

describe('pain.001.001.09', () => {
  const lines = Array.from({ length: 1_000 }, (_, i) => line(i, (['EUR', 'JPY', 'KWD'] as const)[i % 3]));

  it('of a thousand lines in three currencies has the order, number and types that the schema demands', () => {
    expect(pain001Faults(fileOf(lines))).toEqual([]);
  });

  it('gives the same bytes again', () => {
    expect(fileOf(lines)).toBe(fileOf([...lines]));
  });

  it('writes each currency with its own digits and sums in integers', () => {
    expect([amountText(500, 'JPY'), amountText(490, 'EUR'), amountText(1_250, 'KWD'), amountText(5, 'EUR')]).toEqual([
      '500',
      '4.90',
      '1.250',
      '0.05',
    ]);
    const mixed = [
      { amountMinor: 500, currency: 'JPY' },
      { amountMinor: 490, currency: 'EUR' },
      { amountMinor: 1_250, currency: 'KWD' },
    ];
    expect(controlSum(mixed)).toBe('506.150');
    expect(controlSum(Array.from({ length: 10 }, () => ({ amountMinor: 10, currency: 'EUR' })))).toBe('1.00');
    const xml = new XMLParser().parse(fileOf([line(1, 'JPY', 500), line(2, 'EUR', 490), line(3, 'KWD', 1_250)])) as {
      Document: { CstmrCdtTrfInitn: { GrpHdr: { CtrlSum: number; NbOfTxs: number }; PmtInf: { CtrlSum: number }[] } };
    };
    const { GrpHdr, PmtInf } = xml.Document.CstmrCdtTrfInitn;
    expect([GrpHdr.CtrlSum, GrpHdr.NbOfTxs, ...PmtInf.map(({ CtrlSum }) => CtrlSum)]).toEqual([
      506.15, 3, 4.9, 500, 1.25,
    ]);
  });

  it('is refused by the rules when an element is out of order, missing or too long', () => {
    const xml = fileOf([line(4)]);
    expect(pain001Faults(xml.replace('<PmtMtd>TRF</PmtMtd>', ''))).toHaveLength(1);
    expect(
      pain001Faults(xml.replace(/<TwnNm>Berlin<\/TwnNm><Ctry>DE<\/Ctry>/, '<Ctry>DE</Ctry><TwnNm>Berlin</TwnNm>')),
    ).not.toEqual([]);
    expect(pain001Faults(xml.replace('<MsgId>', `<MsgId>${'x'.repeat(30)}`))).toHaveLength(1);
    expect(pain001Faults(xml.replace(/ Ccy="EUR"/, ''))).toHaveLength(1);
  });

  it('knows an IBAN by its check digits', () => {
    expect(IBANS.map(isIban)).toEqual([true, true, true]);
    expect(isIban('DE88370400440532013000')).toBe(false);
    expect(isIban('DE89 3704')).toBe(false);
  });
});
