import { encodeCloudEvent, SOURCES, TOPICS, type CompensationNoticeEvent } from '#libs/contracts';
import { formatInstant } from '#libs/kernel';
import type { Broker } from './broker.js';
import { WAVE } from './held-terms.js';
import { SHARDS } from './services.js';
import { Listener } from './listener.js';
import type { Scheduler } from './scheduler.js';

export const TEN_MINUTES_MS = 600_000;
/** Keys of whom releases waves begin so: they have looked at no single amount. */
export const OPERATIONS = 'ops-';

const WAYS = ['release', 'release', 'twice', 'everywhere', 'reject', 'both', 'slow', 'never'] as const;

/** People of operations who decide about all that the breaker holds of ten minutes, as intake copies their word to every shard. */
export class Releaser extends Listener<CompensationNoticeEvent> {
  private told = 0;

  constructor(scheduler: Scheduler, broker: Broker) {
    super('releaser', TOPICS.compensations, scheduler, broker);
  }

  protected hear({ type, time, data }: CompensationNoticeEvent): void {
    if (!type.endsWith('.held') || !data.reason?.includes('breaker')) return;
    const fromMs = Math.floor(Date.parse(time) / TEN_MINUTES_MS) * TEN_MINUTES_MS;
    const region = data.line?.region;
    const wave = `${region} ${fromMs}`;
    if (this.heard.has(wave)) return;
    this.heard.add(wave);
    const { random } = this.scheduler;
    const way = random.pick(WAYS);
    const about = way === 'everywhere' || region === undefined ? {} : { region };
    const span = { from: formatInstant(fromMs), to: formatInstant(fromMs + TEN_MINUTES_MS - 1) };
    const say = (verb: 'approve' | 'reject', leastMs = 500): void =>
      this.later(() => this.tell(verb, { ...span, ...about }), random.int(leastMs, leastMs + 5_000));
    if (way === 'release' || way === 'twice' || way === 'everywhere' || way === 'both') say('approve');
    if (way === 'twice') say('approve');
    if (way === 'reject' || way === 'both') say('reject');
    if (way === 'slow') say('approve', 20_000);
  }

  private tell(verb: string, about: Readonly<Record<string, string>>): void {
    const by = `${OPERATIONS}${this.told}`;
    const time = formatInstant(this.broker.clockMs);
    const event = {
      specversion: '1.0' as const,
      id: `release-${this.told++}`,
      source: SOURCES.operator,
      type: `makegood.lines.${verb}`,
      subject: WAVE.guarantee,
      time,
      actor: by,
      data: { guarantee: WAVE.guarantee, ...about, by, reason: 'looked at the wave', decidedAt: time },
    };
    const value = encodeCloudEvent(event);
    const { random } = this.scheduler;
    const copies = random.chance(0.2) ? 2 : 1; // a crash in the copying repeats
    for (let i = 0; i < SHARDS * copies; i++) {
      const record = { topic: TOPICS.settlements, partition: i % SHARDS, key: WAVE.guarantee, value };
      this.later(() => void this.broker.append(record), random.int(0, 2_000));
    }
  }
}
