/** What signals.yaml says, compiled. */
export const SIGNALS = Symbol('SIGNALS');
