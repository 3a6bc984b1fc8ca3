import type { QuietHours } from '#libs/calendar';
import type { PromiseType } from '#libs/contracts';
import { parseDurationMs } from '#libs/kernel';
import { DEFAULT_RULESET, type Ruleset } from '#libs/loyalty-model';
import type { ModelFile } from './signals-schema.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How what the log tells becomes what the model is told. Durations in milliseconds. */
export interface ModelSettings {
  /** One unit of lateness per type of promise. */
  readonly toleranceMs: Readonly<Record<PromiseType, number>>;
  /** Nobody made good by then (from the due): that is a failure of its own. */
  readonly recoveryWithinMs: number;
  /** Money that arrives later than this after it was granted is late money. */
  readonly paidWithinMs: number;
  /** Points and gifts count as a compensation of this share of the loss, not in kind. */
  readonly goodwillWorth: number;
  readonly contact: ContactSettings;
  /** Makes the months of surprises unforeseeable to others. */
  readonly surpriseSeed: string;
  /** What becomes of the nightly fit of how customers buy and leave: shown, or put into force through the log. */
  readonly refit: 'propose' | 'apply';
  readonly rules: Ruleset;
}

/** When a contact may be suggested. */
export interface ContactSettings {
  readonly quiet: QuietHours;
  /** Of customers whose own zone is not known. */
  readonly timeZone: string;
  /** At most one suggestion to please (not to repair) in so long. */
  readonly everyMs: number;
  /** The same suggestion comes again only after so long. */
  readonly againMs: number;
}

export const DEFAULT_SETTINGS: ModelSettings = {
  toleranceMs: {
    reservation: 15 * MINUTE_MS,
    response: HOUR_MS,
    waiting: 10 * MINUTE_MS,
    service: 30 * MINUTE_MS,
    delivery: DAY_MS,
  },
  recoveryWithinMs: 3 * DAY_MS,
  paidWithinMs: 7 * DAY_MS,
  goodwillWorth: 0.5,
  contact: {
    quiet: { fromMinute: 21 * 60, toMinute: 8 * 60 },
    timeZone: 'UTC',
    everyMs: 14 * DAY_MS,
    againMs: 30 * DAY_MS,
  },
  surpriseSeed: 'makegood',
  refit: 'propose',
  rules: DEFAULT_RULESET,
};

export function settingsOf(file: ModelFile | undefined): ModelSettings {
  if (!file) return DEFAULT_SETTINGS;
  const { contact, rules } = file;
  const preset = DEFAULT_SETTINGS;
  const toleranceMs = { ...preset.toleranceMs };
  for (const [type, text] of Object.entries(file.tolerances ?? {}))
    toleranceMs[type as PromiseType] = durationOr(text, toleranceMs[type as PromiseType]);
  return {
    toleranceMs,
    recoveryWithinMs: durationOr(file.recoveryWithin, preset.recoveryWithinMs),
    paidWithinMs: durationOr(file.paidWithin, preset.paidWithinMs),
    goodwillWorth: file.goodwillWorth ?? preset.goodwillWorth,
    contact: {
      quiet: {
        fromMinute: minuteOr(contact?.quietFrom, preset.contact.quiet.fromMinute),
        toMinute: minuteOr(contact?.quietUntil, preset.contact.quiet.toMinute),
      },
      timeZone: contact?.timeZone ?? preset.contact.timeZone,
      everyMs: durationOr(contact?.every, preset.contact.everyMs),
      againMs: durationOr(contact?.again, preset.contact.againMs),
    },
    surpriseSeed: file.surpriseSeed ?? preset.surpriseSeed,
    refit: file.refit ?? preset.refit,
    rules: rules ? rulesOf(rules) : preset.rules,
  };
}

function rulesOf({ ruleset, blend, lossAversion, failsBelow, purchasing }: NonNullable<ModelFile['rules']>): Ruleset {
  const preset = DEFAULT_RULESET;
  return {
    ...preset,
    ruleset,
    blend: blend ?? preset.blend,
    feeling: { ...preset.feeling, lossAversion: lossAversion ?? preset.feeling.lossAversion },
    recovery: { ...preset.recovery, failsBelow: failsBelow ?? preset.recovery.failsBelow },
    behaviour: { ...preset.behaviour, purchasing: purchasing ?? preset.behaviour.purchasing },
  };
}

function durationOr(text: string | undefined, preset: number): number {
  return text === undefined ? preset : (parseDurationMs(text) ?? preset);
}

function minuteOr(text: string | undefined, preset: number): number {
  return text === undefined ? preset : Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
}
