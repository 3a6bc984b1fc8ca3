import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CONTROL_TYPES,
  encodeCloudEvent,
  partitionOf,
  SOURCES,
  TICK_TYPE,
  type ActivatedFile,
  type PromiseEventData,
} from '#libs/contracts';
import { compileGuarantees } from '#libs/guarantees';
import { breachIdOf, formatInstant, promiseEventIdOf, promiseIdOf } from '#libs/kernel';
import { PROJECT_ROOT } from '../../../apps/cli/src/stack/project.js';
import type { LogLine } from '../pipeline/workload.js';

/** The wave breaks here: every breach is decided within the same ten minutes. 2026-03-02T10:00:00Z. */
export const WAVE_MS = Date.UTC(2026, 2, 2, 10);
export const WAVE_ENDS_MS = WAVE_MS + 300_000;
const DAY_MS = 86_400_000;
const BASE_FILE = 'bench/bench-delivery.yaml';
const APOLOGY = `  - { id: sorry, kind: apology, template: delivery-late }\n`;
const BREAKER = `breaker: { holdIf: breaches > 5 * usual, usualAtLeast: 20, region: facts.destination }\n`;

/** `free`: nothing holds anything back; `breaker`: a wave is held as a whole. Both refund and apologise. */
export type WaveTerms = 'free' | 'breaker';

export function guaranteeOf(terms: WaveTerms): string {
  return `bench-wave-${terms}`;
}

/** The activation of both guarantees, for the control topic. */
export function activation(): string {
  const base = readFileSync(join(PROJECT_ROOT, BASE_FILE), 'utf8');
  const files = (['free', 'breaker'] as const).map((terms) => ({
    file: `${guaranteeOf(terms)}.yaml`,
    text:
      base.replace('name: bench-delivery', `name: ${guaranteeOf(terms)}`) + APOLOGY + (terms === 'free' ? '' : BREAKER),
  }));
  const result = compileGuarantees(files);
  if (result.problems) throw new Error(result.problems.map(({ code, detail }) => `${code} ${detail}`).join('; '));
  const members = result.files as readonly ActivatedFile[];
  const setHash = createHash('sha256')
    .update(JSON.stringify(members.map(({ hash }) => hash)))
    .digest('hex');
  return encodeCloudEvent({
    specversion: '1.0',
    id: 'bench-wave',
    source: SOURCES.slaTimer,
    type: CONTROL_TYPES.guaranteesActivated,
    subject: 'guarantees',
    time: formatInstant(0),
    data: { setHash, files: members },
  });
}

/** Breaches of N promises to N customers, as sla-timer announces them. The same N gives the same bytes. */
export function* breaches(count: number, terms: WaveTerms, partitionCount: number): Generator<LogLine> {
  for (let i = 0; i < count; i++) {
    const decidedAtMs = WAVE_MS + Math.floor((i * (WAVE_ENDS_MS - WAVE_MS)) / count);
    const data = breachOf(i, guaranteeOf(terms), decidedAtMs);
    const value = encodeCloudEvent({
      specversion: '1.0',
      id: promiseEventIdOf(data.promiseId, data.sequence),
      source: SOURCES.slaTimer,
      type: 'makegood.promise.breached',
      subject: data.subject,
      time: data.decidedAt,
      data,
    });
    yield {
      partition: partitionOf(data.customer, partitionCount),
      key: data.customer,
      value,
      timestampMs: decidedAtMs,
    };
  }
}

function breachOf(i: number, guarantee: string, decidedAtMs: number): PromiseEventData {
  const subject = `EW${String(i).padStart(9, '0')}CN`;
  const customer = `C-${String(i).padStart(8, '0')}`;
  const promiseId = promiseIdOf(guarantee, subject, '');
  const dueAt = formatInstant(decidedAtMs - 6 * 3_600_000);
  const openedAt = formatInstant(decidedAtMs - DAY_MS);
  return {
    promiseId,
    sequence: 3,
    guarantee,
    guaranteeVersion: 1,
    mode: 'live',
    promiseType: 'delivery',
    subject,
    cycle: '',
    customer,
    parties: { customer, recipient: `R-${String(i).padStart(8, '0')}` },
    refs: { item: subject, payment: `PAY-${i}` },
    owner: `office-${i % 50}`,
    state: 'breached',
    verdict: 'breached',
    openedAt,
    dueAt,
    decidedAt: formatInstant(decidedAtMs),
    breachId: breachIdOf(promiseId),
    base: { postage: { amountMinor: 2_000 + (i % 800), currency: 'CNY' } },
    facts: { destination: 'CN-44' },
    evidence: [
      {
        id: `accepted/${subject}`,
        source: 'bench/post',
        type: 'bench.item.accepted',
        occurredAt: openedAt,
        receivedAt: openedAt,
      },
    ],
    explanation: [
      `Promised for ${dueAt} (Asia/Shanghai; ${guarantee}.yaml v1, line 22); nothing was heard of a delivery by then.`,
      `The allowance for late scans (6 h) has passed without one: breached.`,
    ],
    reasons: [
      { code: 'due-at', args: { due: dueAt, line: 22 } },
      { code: 'allowance-passed', args: { allowance: 'PT6H' } },
    ],
  };
}

/** One command of operations about all that the breaker holds, as intake copies it to a partition. */
export function releaseCommand(): string {
  return encodeCloudEvent({
    specversion: '1.0',
    id: 'bench-release',
    source: SOURCES.operator,
    type: 'makegood.lines.approve',
    subject: guaranteeOf('breaker'),
    time: formatInstant(WAVE_ENDS_MS + 3_600_000),
    data: {
      guarantee: guaranteeOf('breaker'),
      from: formatInstant(WAVE_MS),
      to: formatInstant(WAVE_ENDS_MS),
      by: 'bench',
      reason: 'a storm indeed',
    },
  });
}

/** What sla-timer passes on to every partition of `makegood.promises.v1`, each second. */
export function tick(n: number): string {
  const time = formatInstant(WAVE_ENDS_MS + n * 1_000);
  return encodeCloudEvent({
    specversion: '1.0',
    id: `tick-${n}`,
    source: SOURCES.slaTimer,
    type: TICK_TYPE,
    subject: 'tick',
    time,
    data: { everyMs: 1_000, silent: [] },
  });
}
