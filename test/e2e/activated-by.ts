import type { OutgoingRecord } from '#libs/messaging';
import type { Database } from '#libs/persistence';
import { GuaranteeSets } from '../../apps/sla-timer/src/guarantees/guarantee-sets.js';

/** What sla-timer writes to the control topic when the key `keyId` activates a guarantee over HTTP. */
export async function activatedBy(keyId: string, file: string, text: string, database: Database): Promise<object> {
  const sent: string[] = [];
  const send = async (records: readonly OutgoingRecord[]) => (sent.push(...records.map(({ value }) => value)), []);
  let nowMs = 0;
  const clock = { nowMs: () => nowMs, sleep: async (ms: number) => void (nowMs += ms) };
  const sets = new GuaranteeSets(database, { send, close: async () => undefined }, clock);
  await sets.activate([{ file, text }], undefined, keyId);
  return JSON.parse(sent[0] as string) as object;
}
