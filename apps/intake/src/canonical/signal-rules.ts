import { loadSignals, type SignalRule as KnownSignal } from '#libs/signals';

/** Which types are facts about customers, where they name the customer, and whether sla-timer reads them too. */
export type SignalRule = Pick<KnownSignal, 'customerPath' | 'alsoEvent'>;

export type SignalRules = ReadonlyMap<string, SignalRule>;

/**
 * What intake takes of signals.yaml: whose a signal is. The file is checked whole, so that a mistake in what loyalty takes
 * of it stops both. @throws FileError with code, place and nearest name.
 */
export function readSignalRules(file: { readonly file: string; readonly text: string } | null): SignalRules {
  return loadSignals(file).rules;
}
