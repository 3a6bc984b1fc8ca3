import { topicConfig } from './topics.js';

describe('topicConfig', () => {
  it('live: the broker dates each record, for verdicts follow its clock', () => {
    expect(topicConfig('live')).toMatchObject({ 'message.timestamp.type': 'LogAppendTime', 'retention.ms': '-1' });
  });

  it('replay: a record is of the time of its event, up to 2100', () => {
    expect(topicConfig('replay')).toMatchObject({
      'message.timestamp.type': 'CreateTime',
      'message.timestamp.after.max.ms': String(Number.MAX_SAFE_INTEGER),
      'segment.ms': String(Number.MAX_SAFE_INTEGER),
    });
  });

  it('kafkajs#1141: no foreign codec reaches our consumers, the broker unpacks', () => {
    for (const mode of ['live', 'replay'] as const) expect(topicConfig(mode)['compression.type']).toBe('uncompressed');
  });
});
