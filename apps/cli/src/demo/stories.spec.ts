import { TOPICS } from '#libs/contracts';
import { StoryCollector, storyLines } from './stories.js';

const stories = { madeGood: 'A', takenBack: 'B', twice: 'C' };
const base = { specversion: '1.0' as const, source: 'post', subject: 'A' };
const promise = (sequence: number, kind: string, time: string, more: object = {}) => ({
  ...base,
  id: `p${sequence}`,
  source: 'makegood/sla-timer',
  type: `makegood.promise.${kind}`,
  time,
  data: {
    promiseId: 'x',
    sequence,
    verdict: null,
    state: kind,
    dueAt: '2026-03-04T10:00:00.000Z',
    explanation: [],
    ...more,
  },
});
const refund = (action: string, time: string) => ({
  ...base,
  id: `r${action}`,
  type: `makegood.refund.${action}`,
  time,
  data: { lineId: '7f0b1c2d-aaaa', amount: { amountMinor: 6_300, currency: 'CNY' }, idempotencyKey: '7f0b1c2d-aaaa' },
});

describe('stories', () => {
  it('are told in the order in which things were learned, in 80 columns, from the events alone', () => {
    const collector = new StoryCollector(stories);
    collector.add(TOPICS.compensations, refund('requested', '2026-03-04T16:00:00.000Z'));
    collector.add(
      TOPICS.promises,
      promise(2, 'breached', '2026-03-04T16:00:00.000Z', { verdict: 'breached', explanation: ['Missed: A was due.'] }),
    );
    collector.add(TOPICS.events, {
      ...base,
      id: '1',
      type: 'post.item.accepted',
      time: '2026-03-02T02:00:00.000Z',
      data: {},
    });
    collector.add(TOPICS.promises, promise(1, 'opened', '2026-03-02T02:00:00.000Z'));
    collector.add(TOPICS.promises, promise(1, 'opened', '2026-03-02T02:00:00.000Z')); // the log may say it twice
    collector.add(TOPICS.events, {
      ...base,
      subject: 'other',
      id: '1',
      type: 'x',
      time: '2026-03-02T02:00:00.000Z',
      data: {},
    });
    const lines = storyLines(collector.tell()[0]!);
    expect(lines).toEqual([
      '1. A promise is missed and made good: A',
      '  Mon 02 Mar 10:00  post.item.accepted',
      '  Mon 02 Mar 10:00  promise opened      due Wed 04 Mar 18:00',
      '  Thu 05 Mar 00:00  promise breached    due Wed 04 Mar 18:00',
      '  Thu 05 Mar 00:00  refund.requested    63.00 CNY; key 7f0b1c2d…',
      '  ⇒ Missed: A was due. 1 of 1 money lines stand.',
    ]);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it('count what was cancelled as not standing, and see the same event twice', () => {
    const collector = new StoryCollector(stories);
    const scan = { ...base, id: '2', type: 'post.item.delivered', time: '2026-03-04T09:00:00.000Z', data: {} };
    collector.add(TOPICS.events, scan);
    collector.add(TOPICS.events, scan);
    collector.add(TOPICS.promises, promise(3, 'retracted', '2026-03-05T00:00:00.000Z', { verdict: 'kept' }));
    collector.add(TOPICS.compensations, refund('requested', '2026-03-04T16:00:00.000Z'));
    collector.add(TOPICS.compensations, refund('cancelled', '2026-03-05T00:00:00.000Z'));
    const ending = collector.tell()[0]?.ending;
    expect(ending).toContain('1 events came twice');
    expect(ending).toContain('0 of 1 money lines stand');
  });
});
