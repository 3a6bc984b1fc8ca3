import { expectedOf, LAST_TICK_MS, workload } from './workload.js';

describe('the workload', () => {
  const lines = [...workload(1_003, 12)];
  const facts = lines.filter(({ key }) => key !== 'tick');

  it('holds as many facts as it says, each promise opened before it is kept', () => {
    expect(facts).toHaveLength(expectedOf(1_003, 'all').facts);
    const opened = new Set<string>();
    for (const { key, value } of facts) {
      if (value.includes('"bench.item.accepted"')) opened.add(key);
      else expect(opened.has(key)).toBe(true);
    }
    expect(opened.size).toBe(1_003);
  });

  it('announces what follows from its facts', () => {
    expect(expectedOf(1_003, 'all').announcements).toEqual({ opened: 1_003, kept: 903, overdue: 100, breached: 100 });
    expect(expectedOf(1_003, 'consequences').announcements).toEqual({ breached: 100 });
  });

  it('goes forward in time on every partition and ends with a tick beyond every due', () => {
    expect(lines.every(({ timestampMs }, i) => timestampMs >= (lines[i - 1]?.timestampMs ?? 0))).toBe(true);
    expect(lines.slice(-12).map(({ key, timestampMs }) => [key, timestampMs])).toEqual(
      Array.from({ length: 12 }, () => ['tick', LAST_TICK_MS]),
    );
  });

  it('has events of about 400 bytes', () => {
    const bytes = facts.reduce((sum, { value }) => sum + Buffer.byteLength(value), 0) / facts.length;
    expect(bytes).toBeGreaterThan(350);
    expect(bytes).toBeLessThan(450);
  });
});
