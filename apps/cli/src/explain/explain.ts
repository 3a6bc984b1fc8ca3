import { compensationIdOf, ProblemError } from '#libs/kernel';
import type { StackSelector } from '../commands/options.js';
import { findStack, type StackClient } from '../stack/client.js';
import type { ServiceName } from '../stack/ports.js';
import type { Terminal } from '../terminal/terminal.js';
import type { CompensationDocument, PromiseDocument } from './documents.js';
import { explanationLines } from './explanation.js';

export interface Explained {
  readonly promise: PromiseDocument;
  readonly compensation: CompensationDocument | null;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** `explain ID`: facts, rule and arithmetic of every promise that a subject, promise, line or compensation id names. */
export async function explain(
  id: string,
  options: StackSelector & { readonly json?: boolean },
  terminal: Terminal,
): Promise<void> {
  const client = findStack(options);
  const promiseIds = await promisesNamedBy(client, id);
  const explained = await Promise.all(promiseIds.map((promiseId) => gather(client, promiseId)));
  if (options.json) return terminal.json(explained);
  explained.forEach((one, i) => {
    if (i > 0) terminal.line();
    for (const line of explanationLines(one)) terminal.line(line);
  });
}

async function promisesNamedBy(client: StackClient, id: string): Promise<string[]> {
  if (UUID.test(id)) {
    if (await find(client, 'sla-timer', `/promises/${id}`)) return [id];
    const paths = [`/compensations/${id}`, `/compensations?lineId=${id}`, `/compensations?promiseId=${id}`];
    for (const path of paths) {
      const [compensation] = listOf<CompensationDocument>(await find(client, 'compensation', path), 'compensations');
      if (compensation?.promiseId) return [compensation.promiseId];
    }
  }
  const answer = await client.get('sla-timer', `/promises?subject=${encodeURIComponent(id)}`);
  const found = listOf<{ promiseId: string }>(answer, 'promises').map(({ promiseId }) => promiseId);
  if (found.length > 0) return found;
  throw new ProblemError({
    code: 'NOTHING_PROMISED',
    detail: `a promise about "${id}" → none: no guarantee in force covered an opening of it, or it never came`,
    advice: `see whether it came: ./makegood tail events --until-end --data-dir ${client.dataDir} | grep ${id}`,
  });
}

async function gather(client: StackClient, promiseId: string): Promise<Explained> {
  const promise = await client.get<PromiseDocument>('sla-timer', `/promises/${promiseId}`);
  const found = await find(client, 'compensation', `/compensations/${compensationIdOf(promiseId)}`);
  return { promise, compensation: listOf<CompensationDocument>(found, 'compensations')[0] ?? null };
}

/** What a service has at a path; null when it knows of nothing there. */
async function find(client: StackClient, service: ServiceName, path: string): Promise<unknown> {
  const answer = await client.request(service, path);
  if (answer.status === 404 || answer.status === 400) return null;
  if (answer.status === 200) return answer.body;
  return client.get(service, path); // tells the problem
}

/** One document, or the list that a collection answers with. */
function listOf<T>(body: unknown, name: string): T[] {
  if (body === null || body === undefined) return [];
  const list = (body as Record<string, unknown>)[name];
  if (Array.isArray(list)) return list as T[];
  return [body as T];
}
