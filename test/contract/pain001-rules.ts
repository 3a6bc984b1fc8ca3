import { XMLParser } from 'fast-xml-parser';

/**
 * What the official schema pain.001.001.09 demands of the elements that makegood writes: order, number, type. The schema
 * itself is not shipped; what is encoded here is its text for these elements.
 */
type Rule = readonly [name: string, least: number, most: number, content: Content];
type Content = RegExp | { readonly choice: readonly Rule[] } | readonly Rule[];

const text = (most: number): RegExp => new RegExp(`^[\\s\\S]{1,${most}}$`, 'u');
const MANY = Number.POSITIVE_INFINITY;
const NUMERIC_15 = /^[0-9]{1,15}$/;
/** totalDigits 18, fractionDigits 17 */
const DECIMAL = /^(?=(?:\D*\d){1,18}\D*$)\d+(\.\d{1,17})?$/;
/** totalDigits 18, fractionDigits 5, not negative */
const AMOUNT = /^(?=(?:\D*\d){1,18}\D*$)\d+(\.\d{1,5})?$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/;
const IBAN = /^[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}$/;
const BIC = /^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$/;

const address: readonly Rule[] = [
  ['StrtNm', 0, 1, text(70)],
  ['BldgNb', 0, 1, text(16)],
  ['PstCd', 0, 1, text(16)],
  ['TwnNm', 1, 1, text(35)], // since November 2026 an address without town and country is refused
  ['Ctry', 1, 1, /^[A-Z]{2}$/],
];
const party: readonly Rule[] = [
  ['Nm', 1, 1, text(140)],
  ['PstlAdr', 0, 1, address],
];
const agent: readonly Rule[] = [
  [
    'FinInstnId',
    1,
    1,
    [
      ['BICFI', 0, 1, BIC],
      ['Othr', 0, 1, [['Id', 1, 1, text(35)]]],
    ],
  ],
];
const account: readonly Rule[] = [
  [
    'Id',
    1,
    1,
    {
      choice: [
        ['IBAN', 1, 1, IBAN],
        ['Othr', 1, 1, [['Id', 1, 1, text(34)]]],
      ],
    },
  ],
];
const transaction: readonly Rule[] = [
  [
    'PmtId',
    1,
    1,
    [
      ['InstrId', 0, 1, text(35)],
      ['EndToEndId', 1, 1, text(35)],
    ],
  ],
  ['Amt', 1, 1, [['InstdAmt', 1, 1, AMOUNT]]],
  ['CdtrAgt', 0, 1, agent],
  ['Cdtr', 0, 1, party],
  ['CdtrAcct', 0, 1, account],
  ['RmtInf', 0, 1, [['Ustrd', 0, MANY, text(140)]]],
];
const payment: readonly Rule[] = [
  ['PmtInfId', 1, 1, text(35)],
  ['PmtMtd', 1, 1, /^(CHK|TRF|TRA)$/],
  ['NbOfTxs', 0, 1, NUMERIC_15],
  ['CtrlSum', 0, 1, DECIMAL],
  ['ReqdExctnDt', 1, 1, { choice: [['Dt', 1, 1, DATE]] }],
  ['Dbtr', 1, 1, party],
  ['DbtrAcct', 1, 1, account],
  ['DbtrAgt', 1, 1, agent],
  ['CdtTrfTxInf', 1, MANY, transaction],
];
const initiation: readonly Rule[] = [
  [
    'GrpHdr',
    1,
    1,
    [
      ['MsgId', 1, 1, text(35)],
      ['CreDtTm', 1, 1, DATE_TIME],
      ['NbOfTxs', 1, 1, NUMERIC_15],
      ['CtrlSum', 0, 1, DECIMAL],
      ['InitgPty', 1, 1, [['Nm', 0, 1, text(140)]]],
    ],
  ],
  ['PmtInf', 1, MANY, payment],
];
const document: readonly Rule[] = [['Document', 1, 1, [['CstmrCdtTrfInitn', 1, 1, initiation]]]];

type Node = Record<string, unknown>;

/** What is wrong with a file; nothing when it is valid. */
export function pain001Faults(xml: string): string[] {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    parseTagValue: false,
    trimValues: true,
  });
  const nodes = (parser.parse(xml) as Node[]).filter((node) => nameOf(node) !== '?xml');
  const faults: string[] = [];
  check(nodes, document, '', faults);
  const root = nodes[0]?.[':@'] as Record<string, string> | undefined;
  if (root?.['@_xmlns'] !== 'urn:iso:std:iso:20022:tech:xsd:pain.001.001.09') faults.push('namespace');
  return faults;
}

function check(nodes: readonly Node[], rules: readonly Rule[], path: string, faults: string[]): void {
  let at = 0;
  for (const [name, least, most, content] of rules) {
    let count = 0;
    while (at < nodes.length && nameOf(nodes[at] as Node) === name && count < most) {
      checkContent(nodes[at] as Node, name, content, `${path}/${name}`, faults);
      at++;
      count++;
    }
    if (count < least) faults.push(`${path}/${name}: ${count} of at least ${least}`);
  }
  if (at < nodes.length) faults.push(`${path}: ${nameOf(nodes[at] as Node)} is out of place`);
}

function checkContent(node: Node, name: string, content: Content, path: string, faults: string[]): void {
  const children = node[name] as Node[];
  if (content instanceof RegExp) {
    const value = String(children[0]?.['#text'] ?? '');
    if (!content.test(value)) faults.push(`${path}: "${value}"`);
    const currency = (node[':@'] as Record<string, string> | undefined)?.['@_Ccy'];
    if (name === 'InstdAmt' && !/^[A-Z]{3}$/.test(currency ?? '')) faults.push(`${path}: no currency`);
  } else if ('choice' in content) {
    const rule = content.choice.find(([option]) => option === nameOf(children[0] ?? {}));
    if (children.length !== 1 || !rule) faults.push(`${path}: exactly one of a choice`);
    else checkContent(children[0] as Node, rule[0], rule[3], `${path}/${rule[0]}`, faults);
  } else check(children, content, path, faults);
}

function nameOf(node: Node): string {
  return Object.keys(node).find((key) => key !== ':@') ?? '';
}
