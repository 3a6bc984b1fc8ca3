import { parseInstant } from '#libs/kernel';
import { sampleStream } from './sample-stream.js';

describe('sampleStream', () => {
  const stream = sampleStream();

  it('is the same for the same seed, and another for another', () => {
    expect(JSON.stringify(sampleStream())).toBe(JSON.stringify(stream));
    expect(JSON.stringify(sampleStream(2).events)).not.toBe(JSON.stringify(stream.events));
  });

  it('has about 300 items and 200 stays', () => {
    const subjects = [...new Set(stream.events.map(({ subject }) => subject))];
    expect(subjects.filter((subject) => subject.startsWith('EE'))).toHaveLength(300);
    expect(subjects.filter((subject) => subject.startsWith('stay-'))).toHaveLength(200);
  });

  it('never learns of a fact before it happened', () => {
    const early = stream.events.filter(
      ({ time, receivedat }) => receivedat !== undefined && (parseInstant(receivedat) ?? 0) < (parseInstant(time) ?? 0),
    );
    expect(early).toEqual([]);
  });

  it('tells one identity with one content only', () => {
    const contents = new Map<string, string>();
    for (const { id, source, type, subject, time, data } of stream.events) {
      const content = JSON.stringify([type, subject, time, data]);
      expect(contents.get(`${source} ${id}`) ?? content).toBe(content);
      contents.set(`${source} ${id}`, content);
    }
    expect(contents.size).toBeLessThan(stream.events.length); // some come twice
  });

  it('has the three stories: delivered late, learned of late, told twice', () => {
    const of = (subject: string) => stream.events.filter((event) => event.subject === subject);
    const promisedMs = (subject: string) =>
      parseInstant(of(subject).find(({ type }) => type === 'post.item.accepted')?.data['promisedAt']) ?? NaN;
    const delivered = (subject: string) => of(subject).filter(({ type }) => type === 'post.item.delivered');
    const { madeGood, takenBack, twice } = stream.stories;
    const ALLOWANCE_MS = 6 * 3_600_000;
    expect(parseInstant(delivered(madeGood)[0]?.time)).toBeGreaterThan(promisedMs(madeGood) + ALLOWANCE_MS);
    expect(parseInstant(delivered(takenBack)[0]?.time)).toBeLessThan(promisedMs(takenBack));
    expect(parseInstant(delivered(takenBack)[0]?.receivedat)).toBeGreaterThan(promisedMs(takenBack) + ALLOWANCE_MS);
    expect(delivered(twice)).toHaveLength(2);
  });
});
