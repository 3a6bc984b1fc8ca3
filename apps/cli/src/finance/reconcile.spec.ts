import { lineIdOf, reconcile, type KnownLine } from './reconcile.js';
import { readStatement } from './statement.js';

const IDS = [
  '11111111-1111-5111-8111-111111111111',
  '22222222-2222-5222-8222-222222222222',
  '33333333-3333-5333-8333-333333333333',
];
const line = (i: number, amountMinor: number, paidMinor: number, currency = 'EUR'): KnownLine => ({
  lineId: IDS[i] as string,
  state: paidMinor > 0 ? 'paid' : 'accepted',
  amount: { amountMinor, currency },
  paidMinor,
  subject: 'A',
});
const entry = (reference: string, amount: string, currency = 'EUR', direction = 'DBIT'): string => `
  <Ntry><Amt Ccy="${currency}">${amount}</Amt><CdtDbtInd>${direction}</CdtDbtInd><BookgDt><Dt>2026-11-27</Dt></BookgDt>
  <AcctSvcrRef>B-1</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>${reference}</EndToEndId></Refs>
  <Amt Ccy="${currency}">${amount}</Amt></TxDtls></NtryDtls></Ntry>`;
const camt = (...entries: string[]): string =>
  `<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>${entries.join('')}</Stmt></BkToCstmrStmt></Document>`;
const plain = (id: string): string => id.replaceAll('-', '');

describe('reconciliation', () => {
  it('reads a camt.053: debits only, each transaction with its end-to-end id and exact amount', async () => {
    const entries = await readStatement(
      camt(
        entry(plain(IDS[0] as string), '4.9'),
        entry('x', '1.250', 'KWD'),
        entry('y', '7', 'JPY'),
        entry('z', '9.00', 'EUR', 'CRDT'),
      ),
    );
    expect(entries.map(({ reference, amountMinor, currency }) => [reference, amountMinor, currency])).toEqual([
      [plain(IDS[0] as string), 490, 'EUR'],
      ['x', 1_250, 'KWD'],
      ['y', 7, 'JPY'],
    ]);
    expect(entries[0]).toMatchObject({ bankReference: 'B-1', bookedOn: '2026-11-27' });
    expect(lineIdOf(entries[0]?.reference ?? '')).toBe(IDS[0]);
  });

  it('reads a CSV, and refuses an amount that its currency does not have', async () => {
    expect(await readStatement('reference,amount,currency\nA,4.90,EUR\n')).toEqual([
      { reference: 'A', amountMinor: 490, currency: 'EUR', bankReference: null, bookedOn: null },
    ]);
    await expect(readStatement('reference,amount,currency\nA,4.901,EUR\n')).rejects.toThrow('STATEMENT_INVALID');
    await expect(readStatement('reference,amount,currency\nA,7.5,JPY\n')).rejects.toThrow('STATEMENT_INVALID');
  });

  it('lists a wrong amount, an unknown reference, a second payment, what is unconfirmed and what is missing', async () => {
    const known = [line(0, 490, 490), line(1, 700, 0), line(2, 800, 800)];
    const lines = new Map(known.map((one) => [one.lineId, one]));
    const [a, b] = IDS as [string, string];
    const statement = `reference,amount,currency\n${plain(a)},4.90,EUR\n${a},4.90,EUR\n${b},7.00,EUR\nnobody,1.00,EUR\n`;
    const result = reconcile(await readStatement(statement), lines, known);
    expect(result.agreed).toBe(1);
    expect(result.differences.map(({ kind }) => kind)).toEqual([
      'twice',
      'not-settled',
      'unknown-reference',
      'not-on-statement',
    ]);
    const wrong = reconcile(await readStatement(`reference,amount,currency\n${a},4.91,EUR\n`), lines, []);
    expect(wrong.differences.map(({ kind }) => kind)).toEqual(['wrong-amount']);
  });
});
