import { differencesBetween } from '../case-differences.js';
import { adaptMissRate, USUAL_MISS_RATE } from './adaptive-miss-rate.js';
import { overpromiseReport, wilsonBounds } from './overpromise-report.js';
import { advisePromise, historyNeeded } from './promise-quantile.js';

/** A file of worked calibration cases. */
export interface CalibrationCases {
  readonly minHistory?: Readonly<Record<string, number>>;
  readonly history?: readonly number[];
  readonly promises?: readonly {
    readonly args: {
      readonly reliability: number;
      readonly unit: number;
      readonly n: number;
      readonly fallback: number | null;
    };
    readonly expected: Readonly<Record<string, unknown>>;
  }[];
  readonly aci?: {
    readonly lates: readonly (number | boolean)[];
    readonly target: number;
    readonly gamma: number;
    readonly start?: number;
    readonly expected: readonly number[];
  };
  readonly wilson?: readonly { readonly k: number; readonly n: number; readonly expected: readonly number[] }[];
  readonly reports?: readonly {
    readonly promised: number;
    readonly actual: readonly number[];
    readonly reliability?: number;
    readonly expected: Readonly<Record<string, unknown>>;
  }[];
}

export interface CalibrationDifference {
  readonly where: string;
  readonly expected: unknown;
  readonly found: unknown;
}

/** Files give their numbers rounded to six digits. */
const TOLERANCE = 1e-6;

/** Runs worked calibration cases; a file may have any part of them. */
export function checkCalibrationCases(file: CalibrationCases): {
  checked: number;
  differences: CalibrationDifference[];
} {
  const results = [...answers(file)];
  const differences = results.filter(
    ({ expected, found }) => differencesBetween(expected, found, TOLERANCE).length > 0,
  );
  return { checked: results.length, differences };
}

function* answers(file: CalibrationCases): Generator<CalibrationDifference> {
  for (const [reliability, expected] of Object.entries(file.minHistory ?? {})) {
    yield { where: `history needed for ${reliability}`, expected, found: historyNeeded(Number(reliability)) };
  }
  for (const { args, expected } of file.promises ?? []) {
    const { reliability, unit, n, fallback } = args;
    const durations = (file.history ?? []).slice(0, n);
    const { historySize, rank, exact, promise, basis } = advisePromise({
      durations,
      reliability,
      spokenUnit: unit,
      fallback,
    });
    const found = { n: historySize, k: rank, raw: exact, promise, basis };
    yield { where: `promise ${JSON.stringify(args)}`, expected, found };
  }
  if (file.aci) {
    const { lates, target, gamma, start = target, expected } = file.aci;
    const policy = { ...USUAL_MISS_RATE, target, stepSize: gamma };
    let rate = start;
    const found = lates.map((late) => (rate = adaptMissRate(rate, Boolean(late), policy)));
    yield { where: 'adaptive miss rate', expected, found };
  }
  for (const { k, n, expected } of file.wilson ?? []) {
    yield { where: `bounds of ${k} in ${n}`, expected, found: wilsonBounds(k, n) };
  }
  for (const { promised, actual, reliability = 0.9, expected } of file.reports ?? []) {
    const report = overpromiseReport(
      actual.map((each) => ({ promised, actual: each })),
      reliability,
    );
    const found = report && {
      n: report.count,
      kept: report.kept,
      keptRate: report.keptRate,
      wilson: report.keptRateBounds,
      overpromiseGap: report.gap,
      medianSlack: report.medianSlack,
      medianLate: report.medianLateness,
      p90Late: report.p90Lateness,
      pinball: report.pinballLoss,
      medianRatio: report.medianActualToPromised,
      verdict: report.verdict,
      enough: report.enough,
    };
    yield { where: `report of promises of ${promised}`, expected, found };
  }
}
