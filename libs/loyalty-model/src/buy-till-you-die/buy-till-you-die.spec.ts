import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { bgAlive, BG_LIKELIHOOD, bgExpectedOfNewCustomer, bgExpectedPurchases } from './bg-nbd.js';
import { fitBg, fitMbg, isEnoughToFit, totalLogLikelihood, weighted } from './fit.js';
import { expectedAmount, fitGammaGamma, populationAmount, type GammaGammaParameters } from './gamma-gamma.js';
import {
  mbgAlive,
  MBG_LIKELIHOOD,
  type BuyTillYouDieParameters,
  type LogLikelihood,
  type PurchaseHistory,
} from './mbg-nbd.js';
import { minimise } from './nelder-mead.js';
import { hypergeometric, logAddExp, logGamma } from './special-functions.js';

const SHARED = resolve(import.meta.dirname, '../../../../../shared/data/loyalty');

/** Log-likelihood of a single customer. */
function likelihoodOf(model: LogLikelihood, parameters: BuyTillYouDieParameters, history: PurchaseHistory): number {
  return model.ofRepeats(parameters, history.repeats) + model.ofTimes(parameters, history);
}

describe('special functions', () => {
  it('knows ln Γ where it is known in closed form', () => {
    expect(logGamma(1)).toBeCloseTo(0, 14);
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 14);
    expect(logGamma(0.25) + logGamma(0.75)).toBeCloseTo(Math.log(Math.PI * Math.SQRT2), 13);
    expect(logGamma(11)).toBeCloseTo(Math.log(3_628_800), 12);
    expect(logGamma(171) / logGamma(170)).toBeCloseTo(1 + Math.log(170) / logGamma(170), 13);
  });

  it('knows ₂F₁ where it is an elementary function', () => {
    expect(hypergeometric(1, 1, 2, 0.5)).toBeCloseTo(Math.log(2) / 0.5, 13);
    expect(hypergeometric(0.5, 0.5, 1.5, 0.25)).toBeCloseTo(Math.asin(0.5) / 0.5, 13);
    expect(hypergeometric(3, 2, 2, 0.4)).toBeCloseTo(0.6 ** -3, 12);
    expect(hypergeometric(3, 2, 2, 0)).toBe(1);
  });

  it('adds logarithms that no number could hold', () => {
    expect(logAddExp(-2000, -2000)).toBeCloseTo(-2000 + Math.LN2, 12);
    expect(logAddExp(0, -Infinity)).toBe(0);
    expect(logAddExp(-Infinity, -Infinity)).toBe(-Infinity);
  });
});

describe('Nelder-Mead', () => {
  it("finds the bottom of Rosenbrock's valley", () => {
    const valley = ([x = 0, y = 0]: readonly number[]): number => (1 - x) ** 2 + 100 * (y - x * x) ** 2;
    const { point, converged } = minimise(valley, [-1.2, 1]);
    expect(converged).toBe(true);
    expect(point[0]).toBeCloseTo(1, 5);
    expect(point[1]).toBeCloseTo(1, 5);
  });

  it('says when it ran out of evaluations', () => {
    const limits = { step: 1, pointTolerance: 0, valueTolerance: 0, evaluationsAtMost: 10 };
    expect(minimise(([x = 0]) => x * x, [5], limits).converged).toBe(false);
  });
});

describe('purchase models', () => {
  const usual: BuyTillYouDieParameters = { r: 0.5, alpha: 6, a: 0.9, b: 1.6 };

  it('believes the longer in silence the less, and never overflows', () => {
    const at = (age: number): number => mbgAlive(usual, { repeats: 5, recency: 20, age });
    expect(at(20)).toBeGreaterThan(at(30));
    expect(at(30)).toBeGreaterThan(at(60));
    expect(mbgAlive(usual, { repeats: 5000, recency: 1, age: 1e9 })).toBeGreaterThanOrEqual(0);
    expect(bgAlive(usual, { repeats: 0, recency: 0, age: 500 })).toBe(1);
    expect(mbgAlive(usual, { repeats: 0, recency: 0, age: 500 })).toBeLessThan(0.5);
  });

  it('expects more of a longer time, and passes a = 1 without a jump', () => {
    const history = { repeats: 3, recency: 10, age: 12 };
    expect(bgExpectedPurchases(usual, history, 20)).toBeGreaterThan(bgExpectedPurchases(usual, history, 10));
    const [below, at, above] = [0.999, 1, 1.001].map((a) => bgExpectedPurchases({ ...usual, a }, history, 10));
    expect(at).toBeLessThan(below as number);
    expect(at).toBeGreaterThan(above as number);
    expect(bgExpectedPurchases(usual, { repeats: 400, recency: 50, age: 50 }, 39)).toBeLessThan(400);
  });

  it('sums the chances of all histories without a second purchase and with one to at most one', () => {
    const none = Math.exp(likelihoodOf(MBG_LIKELIHOOD, usual, { repeats: 0, recency: 0, age: 10 }));
    const steps = 2000;
    let one = 0;
    for (let i = 0; i < steps; i++) {
      one +=
        (Math.exp(likelihoodOf(MBG_LIKELIHOOD, usual, { repeats: 1, recency: ((i + 0.5) * 10) / steps, age: 10 })) *
          10) /
        steps;
    }
    expect(none + one).toBeLessThan(1);
    expect(none + one).toBeGreaterThan(0.8);
  });

  it('finds its way back to where a made-up cohort came from', () => {
    let seed = 7;
    const random = (): number => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff) / 0x80000000;
    const exponential = (rate: number): number => -Math.log(1 - random()) / rate;
    const gammaOfTwo = (rate: number): number => exponential(rate) + exponential(rate);
    const cohort = Array.from({ length: 800 }, () => {
      const rate = gammaOfTwo(8);
      const leaves = 1 - random() ** (1 / 2.5); // beta(1, 2.5)
      let [repeats, recency] = [0, 0];
      for (let next = exponential(rate); random() >= leaves && recency + next <= 52; next = exponential(rate)) {
        repeats += 1;
        recency += next;
      }
      return { repeats, recency: Math.round(recency * 7) / 7, age: 52 };
    });
    const rows = weighted(cohort);
    expect(isEnoughToFit(rows)).toBe(true);
    expect(isEnoughToFit(rows.slice(0, 20))).toBe(false);
    const { parameters, logLikelihood, converged } = fitMbg(rows);
    const truth = { r: 2, alpha: 8, a: 1, b: 2.5 };
    expect(converged).toBe(true);
    expect(logLikelihood).toBeGreaterThanOrEqual(totalLogLikelihood(rows, truth, MBG_LIKELIHOOD));
    expect(parameters.r / parameters.alpha).toBeCloseTo(0.25, 1);
    expect(parameters.a / (parameters.a + parameters.b)).toBeCloseTo(1 / 3.5, 1);
  });
});

interface Expected {
  bgnbd_params_used: BuyTillYouDieParameters;
  mbgnbd_params_used: BuyTillYouDieParameters;
  gamma_gamma_params_used: GammaGammaParameters;
  gamma_gamma_population_mean: number;
  loglik: number;
  loglik_at: { params: [number, number, number, number]; ll: number }[];
  unconditional_expected: Record<string, number>;
  aggregates: Record<string, number>;
  hyp2f1: { a: number; b: number; c: number; z: number; value: number }[];
  customers: Record<
    | 'frequency'
    | 'recency'
    | 'T'
    | 'monetary'
    | 'p_alive'
    | 'cond_exp_39w'
    | 'cond_exp_52w'
    | 'mbg_p_alive'
    | 'll'
    | 'gg_expected_avg_value',
    number
  >[];
}

/** The CDNOW cohort (2,357 customers, weeks), where the checkout has it beside it. */
function cdnow(): {
  rows: { repeats: number; recency: number; age: number; meanAmount: number }[];
  expected: Expected;
} | null {
  if (!existsSync(`${SHARED}/cdnow.csv`)) {
    process.stdout.write(`skipped: no ${SHARED}/cdnow.csv; the made-up cohort above was checked instead\n`);
    return null;
  }
  const lines = readFileSync(`${SHARED}/cdnow.csv`, 'utf8').trim().split('\n').slice(1);
  const rows = lines.map((line) => {
    const [, repeats, recency, age, meanAmount] = line.split(',').map(Number) as [
      number,
      number,
      number,
      number,
      number,
    ];
    return { repeats, recency, age, meanAmount };
  });
  return { rows, expected: JSON.parse(readFileSync(`${SHARED}/cdnow_expected.json`, 'utf8')) as Expected };
}

const within = (found: number, expected: number, tolerance: number): void => {
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(tolerance);
};

describe('the CDNOW cohort', () => {
  const data = cdnow();

  it('gives the published likelihoods, probabilities and expectations', () => {
    if (!data) return;
    const { rows, expected } = data;
    const unique = weighted(rows);
    expect(rows.length).toBe(2357);
    expect(unique.length).toBe(1016);
    for (const { a, b, c, z, value } of expected.hyp2f1) within(hypergeometric(a, b, c, z) / value, 1, 1e-9);
    for (const { params, ll } of expected.loglik_at) {
      const [r, alpha, a, b] = params;
      within(totalLogLikelihood(unique, { r, alpha, a, b }, BG_LIKELIHOOD), ll, 1e-5);
    }
    const parameters = expected.bgnbd_params_used;
    for (const [weeks, value] of Object.entries(expected.unconditional_expected)) {
      within(bgExpectedOfNewCustomer(parameters, Number(weeks)), value, 1e-6);
    }
    const sum = (of: (row: (typeof rows)[number]) => number): number => rows.reduce((total, row) => total + of(row), 0);
    const { sum_cond_exp_39w, mean_p_alive, mean_mbg_p_alive } = expected.aggregates;
    within(
      sum((row) => bgExpectedPurchases(parameters, row, 39)),
      sum_cond_exp_39w as number,
      1e-4,
    );
    within(sum((row) => bgAlive(parameters, row)) / rows.length, mean_p_alive as number, 1e-8);
    within(sum((row) => mbgAlive(expected.mbgnbd_params_used, row)) / rows.length, mean_mbg_p_alive as number, 1e-8);
    for (const customer of expected.customers) {
      const history = { repeats: customer.frequency, recency: customer.recency, age: customer.T };
      within(bgAlive(parameters, history), customer.p_alive, 1e-8);
      within(mbgAlive(expected.mbgnbd_params_used, history), customer.mbg_p_alive, 1e-8);
      within(bgExpectedPurchases(parameters, history, 39), customer.cond_exp_39w, 1e-6);
      within(bgExpectedPurchases(parameters, history, 52), customer.cond_exp_52w, 1e-6);
      within(likelihoodOf(BG_LIKELIHOOD, parameters, history), customer.ll, 1e-6);
      if (customer.gg_expected_avg_value) {
        const amount = expectedAmount(expected.gamma_gamma_params_used, {
          repeats: customer.frequency,
          meanAmount: customer.monetary,
        });
        within(amount, customer.gg_expected_avg_value, 1e-6);
      }
    }
    within(populationAmount(expected.gamma_gamma_params_used), expected.gamma_gamma_population_mean, 1e-6);
  });

  it('fits the published parameters', () => {
    if (!data) return;
    const { rows, expected } = data;
    const unique = weighted(rows);
    const fits = [
      { fit: fitBg(unique), known: expected.bgnbd_params_used },
      { fit: fitMbg(unique), known: expected.mbgnbd_params_used },
    ];
    within(fits[0]?.fit.logLikelihood ?? NaN, expected.loglik, 1e-3);
    for (const { fit, known } of fits) {
      expect(fit.converged).toBe(true);
      within(fit.parameters.r, known.r, 0.002);
      within(fit.parameters.alpha, known.alpha, 0.02);
      within(fit.parameters.a, known.a, 0.002);
      within(fit.parameters.b, known.b, 0.02);
    }
    const spending = fitGammaGamma(rows).parameters;
    within(spending.p / expected.gamma_gamma_params_used.p, 1, 0.01);
    within(populationAmount(spending) / expected.gamma_gamma_population_mean, 1, 0.001);
  });
});
