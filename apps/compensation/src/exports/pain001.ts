import { formatInstant, type InstantMs } from '#libs/kernel';
import { refsText, type ExportedLine } from './csv-export.js';
import { amountText, controlSum } from './money-text.js';
import { isIban, type Address, type Payee } from './payee.js';

/** From whose account is paid. */
export interface Debtor {
  readonly name: string;
  readonly iban: string;
  readonly bic?: string;
  readonly address?: Address;
}

export interface PaymentFile {
  readonly number: number;
  readonly madeAtMs: InstantMs;
  /** `YYYY-MM-DD` */
  readonly executeOn: string;
  readonly debtor: Debtor;
  /** Each with a payee. */
  readonly lines: readonly ExportedLine[];
}

const NAMESPACE = 'urn:iso:std:iso:20022:tech:xsd:pain.001.001.09';
const TEXT_140 = 140;

/**
 * An ISO 20022 customer credit transfer initiation, pain.001.001.09: one payment information block a currency, elements
 * in the order of the schema, structured addresses only, ids that follow from the export and the lines, sums from
 * integer minor units. The same export gives the same bytes.
 */
export function pain001Of(file: PaymentFile): string {
  const messageId = `MAKEGOOD-${file.number}`;
  const groups = [...Map.groupBy(file.lines, ({ currency }) => currency)].sort(([a], [b]) => (a < b ? -1 : 1));
  const header = [
    element('MsgId', messageId),
    element('CreDtTm', formatInstant(file.madeAtMs)),
    element('NbOfTxs', String(file.lines.length)),
    element('CtrlSum', controlSum(file.lines)),
    `<InitgPty>${element('Nm', cut(file.debtor.name))}</InitgPty>`,
  ].join('');
  const blocks = groups.map(([currency, lines]) => paymentBlock(file, `${messageId}-${currency}`, lines)).join('\n');
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="${NAMESPACE}"><CstmrCdtTrfInitn><GrpHdr>${header}</GrpHdr>
${blocks}
</CstmrCdtTrfInitn></Document>
`;
}

function paymentBlock({ executeOn, debtor }: PaymentFile, id: string, lines: readonly ExportedLine[]): string {
  const head = [
    element('PmtInfId', id),
    element('PmtMtd', 'TRF'),
    element('NbOfTxs', String(lines.length)),
    element('CtrlSum', controlSum(lines)),
    `<ReqdExctnDt>${element('Dt', executeOn)}</ReqdExctnDt>`,
    `<Dbtr>${party(debtor)}</Dbtr>`,
    `<DbtrAcct><Id>${element('IBAN', debtor.iban)}</Id></DbtrAcct>`,
    `<DbtrAgt>${agent(debtor.bic)}</DbtrAgt>`,
  ].join('');
  return `<PmtInf>${head}\n${lines.map(transaction).join('\n')}\n</PmtInf>`;
}

function transaction(line: ExportedLine): string {
  const payee = line.payee as Payee;
  const id = endToEndIdOf(line.lineId);
  const about = [`makegood ${line.guarantee}`, line.subject, refsText(line.refs)]
    .filter((text) => text !== '')
    .join(' ');
  return [
    `<CdtTrfTxInf><PmtId>${element('InstrId', id)}${element('EndToEndId', id)}</PmtId>`,
    `<Amt><InstdAmt Ccy="${line.currency}">${amountText(line.amountMinor, line.currency)}</InstdAmt></Amt>`,
    payee.bic === undefined ? '' : `<CdtrAgt>${agent(payee.bic)}</CdtrAgt>`,
    `<Cdtr>${party(payee)}</Cdtr>`,
    `<CdtrAcct><Id>${account(payee)}</Id></CdtrAcct>`,
    `<RmtInf>${element('Ustrd', cut(about))}</RmtInf></CdtTrfTxInf>`,
  ].join('');
}

/** The line's id without hyphens: 32 characters, at most 35 are allowed. */
export function endToEndIdOf(lineId: string): string {
  return lineId.replaceAll('-', '');
}

/** Whether a file can be made for this payee: an account, and a name of whom it is. */
export function isPayable(payee: Payee | null): boolean {
  if (payee?.name === undefined) return false;
  return payee.method !== 'iban' || isIban(payee.reference);
}

function party({ name, address }: { readonly name?: string; readonly address?: Address }): string {
  return `${element('Nm', cut(name ?? ''))}${address === undefined ? '' : postalAddress(address)}`;
}

function postalAddress({ street, building, postCode, town, country }: Address): string {
  const optional = (name: string, text: string | undefined): string => (text === undefined ? '' : element(name, text));
  return [
    '<PstlAdr>',
    optional('StrtNm', street),
    optional('BldgNb', building),
    optional('PstCd', postCode),
    element('TwnNm', town),
    element('Ctry', country),
    '</PstlAdr>',
  ].join('');
}

function agent(bic: string | undefined): string {
  const id = bic === undefined ? `<Othr>${element('Id', 'NOTPROVIDED')}</Othr>` : element('BICFI', bic);
  return `<FinInstnId>${id}</FinInstnId>`;
}

function account({ method, reference }: Payee): string {
  return method === 'iban' ? element('IBAN', reference) : `<Othr>${element('Id', reference.slice(0, 34))}</Othr>`;
}

function element(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>`;
}

/** Characters that XML 1.0 cannot hold are left out. */
function escapeXml(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function cut(text: string): string {
  return [...text].slice(0, TEXT_140).join('');
}
