import type { Bank } from '../load/bank.js';
import type { Stage } from '../stage/stage.js';
import { readWhole } from './log-tail.js';
import type { Evidence } from './oracle.js';

const TOPICS = {
  events: 'makegood.events.v1',
  promises: 'makegood.promises.v1',
  compensations: 'makegood.compensations.v1',
  deadLetters: 'makegood.dlq.v1',
  loyalty: 'makegood.loyalty.v1',
} as const;

/** Reads all topics from their beginning, and the books from the database. */
export async function gather(stage: Stage, bank: Bank): Promise<Evidence> {
  const records = await readWhole(stage.brokers, Object.values(TOPICS));
  const of = (topic: string) => records.filter((record) => record.topic === topic);
  const isOurs = (type: string): boolean => type.startsWith('chaos.');
  const unbalanced = await stage.query<{ transfers: string }>(
    `select count(*) as transfers from (
       select from compensation.ledger_entry group by transfer_id, currency having sum(amount_minor) <> 0) as wrong`,
  );
  const accounts = await stage.query<{ account: string; minor: string }>(
    'select account, sum(amount_minor) as minor from compensation.ledger_entry group by account',
  );
  return {
    events: of(TOPICS.events).filter(({ text }) => isOurs((JSON.parse(text) as { type: string }).type)),
    promises: of(TOPICS.promises),
    compensations: of(TOPICS.compensations),
    deadLetters: of(TOPICS.deadLetters),
    loyalty: of(TOPICS.loyalty),
    payments: bank.payments,
    unbalancedTransfers: Number(unbalanced[0]?.transfers),
    accounts: Object.fromEntries(accounts.map(({ account, minor }) => [account, Number(minor)])),
  };
}
