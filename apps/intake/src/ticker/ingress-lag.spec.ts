import { IngressLag } from './ingress-lag.js';

it('is late before the first sample: nothing is known', () => {
  expect(new IngressLag().isLate([])).toBe(true);
});

it('holds at the start until what was there has been read', () => {
  const lag = new IngressLag();
  lag.sample(0, [5, 0]);
  expect(lag.isLate([])).toBe(true);
  expect(lag.isLate([4, 0])).toBe(true);
  expect(lag.isLate([5])).toBe(false);
  lag.sample(250, [5, 0]);
  lag.sample(5_000, [5, 0]);
  expect(lag.isLate([4])).toBe(true);
});

it('holds once a record is older than a second, and goes on when it is read', () => {
  const lag = new IngressLag();
  lag.sample(0, [10]);
  lag.sample(250, [11]); // appended after 0
  expect(lag.isLate([10])).toBe(false);
  lag.sample(1_000, [11]);
  expect(lag.isLate([10])).toBe(false);
  lag.sample(1_250, [11]); // older than a second now
  expect(lag.isLate([10])).toBe(true);
  expect(lag.isLate([11])).toBe(false);
});

it('lets time go on under a stream that is read promptly', () => {
  const lag = new IngressLag();
  for (let atMs = 0; atMs <= 5_000; atMs += 250) {
    lag.sample(atMs, [atMs]);
    if (atMs >= 1_000) expect(lag.isLate([atMs - 500])).toBe(false);
  }
  expect(lag.recordsUnread([4_900])).toBe(100);
});
