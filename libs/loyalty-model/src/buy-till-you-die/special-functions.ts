const { exp, log, log1p } = Math;

// Lanczos approximation with g = 7 and nine coefficients: about 1e-15 relative for arguments above ½.
const LANCZOS_G = 7;
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
const HALF_LOG_TWO_PI = 0.5 * log(2 * Math.PI);

/** ln Γ(x) for x > 0. */
export function logGamma(x: number): number {
  if (x < 0.5) return log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  let series = LANCZOS[0] as number;
  for (let i = 1; i < LANCZOS.length; i++) series += (LANCZOS[i] as number) / (shifted + i);
  const t = shifted + LANCZOS_G + 0.5;
  return HALF_LOG_TWO_PI + (shifted + 0.5) * log(t) - t + log(series);
}

/** ln(e^a + e^b) without overflow. */
export function logAddExp(a: number, b: number): number {
  const larger = Math.max(a, b);
  return larger === -Infinity ? larger : larger + log1p(exp(Math.min(a, b) - larger));
}

const SERIES_TERMS_AT_MOST = 100_000;

/** Gauss's ₂F₁(a, b; c; z) by its series, for 0 ≤ z < 1 and c not 0, −1, −2, … */
export function hypergeometric(a: number, b: number, c: number, z: number): number {
  let term = 1;
  let total = 1;
  for (let n = 0; n < SERIES_TERMS_AT_MOST; n++) {
    term *= ((a + n) * (b + n) * z) / ((c + n) * (n + 1));
    total += term;
    if (Math.abs(term) <= 1e-17 * Math.abs(total)) break;
  }
  return total;
}
