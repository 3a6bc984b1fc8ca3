import { setTimeout as sleep } from 'node:timers/promises';
import type { Body, Step } from './steps.js';

export interface Door {
  readonly url: string;
  readonly authorization: string;
}

const IN_FLIGHT = 4;
const ATTEMPTS_MAX = 50;
const PAUSE_MS = 100;

/** Posts step after step on connections that are kept, four requests at a time. @throws when an event is refused. */
export async function post(door: Door, steps: readonly Step[]): Promise<void> {
  for (const { facts, tick } of steps) {
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let body = facts[next++]; body; body = facts[next++]) await postBody(door, body);
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    await postBody(door, tick);
  }
}

/** One request, sent again while intake asks for it. @throws when an event is refused. */
export async function postBody({ url, authorization }: Door, { bytes, events }: Body): Promise<void> {
  const headers = { authorization, 'content-type': 'application/x-ndjson' };
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(url, { method: 'POST', headers, body: bytes as Uint8Array<ArrayBuffer> });
    const text = await answer.text();
    if (answer.status === 202) {
      if ((JSON.parse(text) as { accepted: number }).accepted === events) return;
      throw new Error(`${events} events posted, not all accepted: ${text.slice(0, 500)}`);
    }
    const comesAgain = answer.status === 429 || answer.status === 503;
    if (!comesAgain || attempt >= ATTEMPTS_MAX) throw new Error(`POST /events: ${answer.status} ${text.slice(0, 500)}`);
    await sleep(PAUSE_MS);
  }
}
