export { clockText } from '../../../bench/src/plot/panels.js';

/** "1,234.50" of minor units of a currency with two digits. */
export function moneyText(minor: number): string {
  return (minor / 100).toFixed(2).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}
