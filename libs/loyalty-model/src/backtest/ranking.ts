/** One prediction with what came true. */
export interface Prediction {
  readonly predicted: number;
  readonly happened: boolean;
}

/**
 * Area under the ROC curve: how often one to whom it happened was predicted higher than one to whom it did not; ties count
 * half. Null when it happened to all or to none.
 */
export function areaUnderCurve(predictions: readonly Prediction[]): number | null {
  const ascending = [...predictions].sort((a, b) => a.predicted - b.predicted);
  const positives = ascending.filter(({ happened }) => happened).length;
  const negatives = ascending.length - positives;
  if (positives === 0 || negatives === 0) return null;
  let rankSum = 0;
  for (let i = 0; i < ascending.length;) {
    let end = i;
    while (end < ascending.length && ascending[end]?.predicted === ascending[i]?.predicted) end += 1;
    const meanRank = (i + 1 + end) / 2;
    for (let k = i; k < end; k++) if (ascending[k]?.happened) rankSum += meanRank;
    i = end;
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

export interface Decile {
  readonly count: number;
  readonly predicted: number;
  readonly happened: number;
}

/** Tenths of the predictions from low to high: what was predicted in the mean, and the share it happened to. */
export function deciles(predictions: readonly Prediction[]): Decile[] {
  const ascending = [...predictions].sort((a, b) => a.predicted - b.predicted);
  return Array.from({ length: 10 }, (_, tenth) => {
    const from = Math.round((tenth * ascending.length) / 10);
    const part = ascending.slice(from, Math.round(((tenth + 1) * ascending.length) / 10));
    const mean = (values: readonly number[]): number =>
      values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
    return {
      count: part.length,
      predicted: mean(part.map(({ predicted }) => predicted)),
      happened: mean(part.map(({ happened }) => Number(happened))),
    };
  }).filter(({ count }) => count > 0);
}
