import type { LetterData } from '#libs/contracts';
import { reconsider, takeLetter } from '#libs/promise-engine';
import { decide, fire, type Turn } from './turn.js';

/** So long a letter waits for the opening of a promise, as facts do. */
const WAITS_MS = 14 * 86_400_000;

/** A letter about a subject holds its verdict back, or lets it go. */
export function hearLetter(turn: Turn, subject: string, letter: LetterData, receivedAtMs: number): void {
  fire(turn, subject);
  const { shardTimeMs } = turn.clock;
  const atMs = Math.max(shardTimeMs, receivedAtMs);
  const state = takeLetter(turn.subjects.get(subject), letter, atMs);
  if (state.promises.length > 0) return decide(turn, subject, reconsider(state, turn.terms, atMs, shardTimeMs));
  const wakeAtMs = Math.max(state.wakeAtMs ?? 0, atMs + WAITS_MS);
  decide(turn, subject, { state: { ...state, wakeAtMs }, announcements: [] });
}
