import { TOPICS, type CloudEvent, type LineEventData } from '#libs/contracts';
import { formatInstant, promiseIdOf } from '#libs/kernel';
import { TimerWorld, type Said } from './timer-world.js';

export const GUARANTEE = `apiVersion: makegood/v1
kind: Guarantee
name: trap
version: 1
title: Done in time, or the fee back
promiseType: service
currency: EUR
timeZone: UTC
opens:
  on: trap.opened
  customer: event.data.customer
  base: { fee: event.data.fee }
  facts: { region: event.data.region }
due: { at: event.data.dueAt }
evidence:
  kept: [{ on: trap.done }]
  revoked: [{ on: trap.scan.voided, of: event.data.scanId }]
  sources: [{ source: trap/scanner }]
  allowance: PT5M
  correction: P7D
excuses:
  - { code: weather, disruption: true }
remedies:
  - { id: fee, kind: refund, amount: base.fee }
  - { id: half-hour, kind: credit, amount: base.fee, when: 'lateness >= duration("1800s")' }
`;
export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;
export const MINUTE_MS = 60_000;
/** Every trap has days of its own, twenty apart: what one leaves behind is final before the next begins. */
const FIRST_DAY_MS = Date.UTC(2026, 5, 1);

/** The instants of one day. */
export type At = (hours: number, minutes?: number, seconds?: number) => number;

/** Promises to spring traps on, in a world whose time the test tells. */
export class Traps {
  private days = 0;
  private facts = 0;

  private constructor(readonly world: TimerWorld) {}

  static async set(): Promise<Traps> {
    const world = await TimerWorld.open();
    await Promise.all([world.start('sla-timer'), world.start('compensation')]);
    await world.activate({ 'guarantees/trap.yaml': GUARANTEE }, FIRST_DAY_MS - DAY_MS);
    return new Traps(world);
  }

  /** A day on which nothing has happened yet, at 09:00. */
  async morning(): Promise<At> {
    const dayMs = FIRST_DAY_MS + this.days++ * 20 * DAY_MS;
    const at: At = (hours, minutes = 0, seconds = 0) => dayMs + hours * HOUR_MS + minutes * MINUTE_MS + seconds * 1_000;
    await this.world.ticks(at(8, 55), at(9));
    return at;
  }

  fact(type: string, subject: string, occurredAtMs: number, change: Partial<CloudEvent<unknown>> = {}) {
    return {
      specversion: '1.0' as const,
      id: `f-${++this.facts}`,
      source: 'trap/scanner',
      type,
      subject,
      time: formatInstant(occurredAtMs),
      data: {},
      ...change,
    };
  }

  opened(subject: string, openedAtMs: number, dueAtMs: number): CloudEvent<unknown> {
    const fee = { amountMinor: 490, currency: 'EUR' };
    const data = { customer: `c-${subject}`, fee, region: 'north', dueAt: formatInstant(dueAtMs) };
    return this.fact('trap.opened', subject, openedAtMs, { data });
  }

  /** Lines of money about a subject: each asked for once, whatever came twice. */
  async lines(subject: string): Promise<{ type: string; data: LineEventData }[]> {
    const about = (await this.world.topic(TOPICS.compensations)).filter(
      (event) => event.subject === subject && /(refund|credit)/.test(event.type),
    );
    return [...new Map(about.map((event) => [event.id, event])).values()] as unknown as {
      type: string;
      data: LineEventData;
    }[];
  }
}

export const promiseOf = (subject: string): string => promiseIdOf('trap', subject, '');
export const kinds = (found: readonly { type: string }[]): string[] =>
  found.map(({ type }) => type.slice('makegood.'.length));
export const last = (said: readonly Said[]): Said['data'] => (said.at(-1) as Said).data;
