import { explanationLines } from './explanation.js';
import type { Explained } from './explain.js';

const explained = {
  promise: {
    promise: {
      promiseId: 'p',
      sequence: 3,
      guarantee: 'ems-express',
      guaranteeVersion: 1,
      mode: 'live',
      promiseType: 'delivery',
      subject: 'EE1CN',
      cycle: '',
      customer: 'sender-7',
      parties: { customer: 'sender-7' },
      refs: {},
      state: 'completed-late',
      verdict: 'breached',
      openedAt: '2026-03-02T02:00:00.000Z',
      dueAt: '2026-03-04T10:00:00.000Z',
      completedAt: '2026-03-06T13:00:00.000Z',
      decidedAt: '2026-03-06T13:00:00.000Z',
      latenessMs: 183_600_000,
      base: {},
      facts: {},
      reasons: [],
      evidence: [
        {
          id: 'a',
          source: 'post',
          type: 'post.item.accepted',
          occurredAt: '2026-03-02T02:00:00.000Z',
          receivedAt: '2026-03-02T02:00:00.000Z',
        },
      ],
      explanation: [
        'Missed by 2 d 3 h: EE1CN was due Wed 18:00 and was delivered on Friday at 21:00, long after.',
        'The promise says so.',
      ],
    },
    rule: { file: 'guarantees/ems-express.yaml', name: 'ems-express', version: 1 },
    timeline: [{ sequence: 2, kind: 'breached', decidedAt: '2026-03-04T16:00:00.000Z' }],
  },
  compensation: {
    compensationId: 'c',
    lines: [
      {
        lineId: '7f0b',
        kind: 'refund',
        state: 'requested',
        amount: { amountMinor: 6_300, currency: 'CNY' },
        explanation: ['postage = 63.00 CNY'],
        hold: {
          reasons: ['approval'],
          approvals: [{ by: 'ana', atMs: Date.UTC(2026, 2, 7, 9), reason: 'order checked' }],
        },
      },
    ],
    ledger: [{ account: 'payable:sender-7', currency: 'CNY', amountMinor: '-6300', reason: 'requested' }],
  },
} as const satisfies Explained;

describe('explanationLines', () => {
  const lines = explanationLines(explained);

  it('fits 80 columns', () => expect(lines.filter((line) => line.length > 80)).toEqual([]));

  it('shows verdict, arithmetic, rule and money', () => {
    const text = lines.join('\n');
    expect(text).toContain('✗ breached: EE1CN under ems-express v1');
    expect(text).toContain('2 d 3 h after the due');
    expect(text).toContain('guarantees/ems-express.yaml (ems-express v1)');
    expect(text).toContain('refund 63.00 CNY: requested  (key 7f0b)');
    expect(text).toContain('-63.00 CNY');
    expect(text).toContain('approved by ana, 2026-03-07 09:00: order checked');
    expect(text).toContain('held: approval');
  });

  it('says that nothing is owed', () => {
    expect(explanationLines({ ...explained, compensation: null }).join('\n')).toContain('nothing is owed');
  });
});
