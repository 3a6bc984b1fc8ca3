/** "03:07": minutes and seconds of a run. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}

/** "1,234.50" of minor units of a currency with two digits. */
export function moneyText(minor: number): string {
  return (minor / 100).toFixed(2).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}
