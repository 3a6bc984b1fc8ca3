import { clamp, decay } from './arithmetic.js';
import type { Days, EventOf } from './model-event.js';
import type { Ruleset } from './parameters.js';
import type { LoyaltyState, Voice } from './state.js';

/** The same survey or complaint heard again replaces what was heard before. */
function hear(state: LoyaltyState, voice: Voice): LoyaltyState {
  const others = state.voices.filter((each) => each.about !== voice.about || each.id !== voice.id);
  return { ...state, voices: [...others, voice] };
}

export function answerSurvey(state: LoyaltyState, event: EventOf<'survey.answered'>, rules: Ruleset): LoyaltyState {
  const { neutral, span, weight } = rules.voice.surveys[event.kind];
  const sentiment = clamp((event.value - neutral) / span, -1, 1);
  return hear(state, { about: 'survey', id: event.id, at: event.at, sentiment, weight, open: false });
}

export function fileComplaint(state: LoyaltyState, event: EventOf<'complaint.filed'>, rules: Ruleset): LoyaltyState {
  const { weight, filed } = rules.voice.complaint;
  return hear(state, { about: 'complaint', id: event.complaintId, at: event.at, sentiment: filed, weight, open: true });
}

export function resolveComplaint(
  state: LoyaltyState,
  event: EventOf<'complaint.resolved'>,
  rules: Ruleset,
): LoyaltyState {
  const { weight, resolvedWell, resolvedBadly } = rules.voice.complaint;
  const sentiment = event.satisfied ? resolvedWell : resolvedBadly;
  return hear(state, { about: 'complaint', id: event.complaintId, at: event.at, sentiment, weight, open: false });
}

/** Component V, 0..1: what the customer says, shrunk towards ½ while they have said little. */
export function voiceOf(state: LoyaltyState, at: Days, rules: Ruleset): number {
  const { halfLifeDays, prior, badCounts } = rules.voice;
  let balance = 0;
  let loudness = 0;
  for (const voice of state.voices) {
    const g = voice.weight * (voice.sentiment < 0 ? badCounts : 1) * decay(at - voice.at, halfLifeDays);
    balance += g * voice.sentiment;
    loudness += g;
  }
  return 0.5 + (0.5 * balance) / (loudness + prior);
}
