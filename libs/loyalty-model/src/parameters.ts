/**
 * Ruleset `2026-01`: every number of the model, in one place. Scores are in points (0..100), times in days unless the name
 * says otherwise, lateness in tolerances, shares and weights without unit. Sources of the numbers: design of the loyalty model.
 * A number that no rule reads has no place here (tested).
 */
export const RULESET_2026_01 = {
  ruleset: '2026-01',

  /** score = 100 · trust · (trustAlone + (1 − trustAlone) · Σ weight · component). The four weights sum to 1. */
  blend: { trustAlone: 0.3, experience: 0.3, behaviour: 0.3, voice: 0.2, relationship: 0.2 },

  /** Prospect value of a surprise of z tolerances: z^curvature, losses times lossAversion; nothing inside the zone of tolerance. */
  feeling: { lossAversion: 2, curvature: 0.88, furthestTolerances: 3, toleranceZone: 0.1 },

  /** What the customer reckons with: own history of lateness per promise kind, less what advertising claimed. */
  expectation: {
    /** 0..1: how far the promise itself, not history, anchors the expectation. */
    promiseAnchor: 0.7,
    learningRate: 0.3,
    earliestTolerances: -1,
    latestTolerances: 2,
    hypeHalfLifeDays: 45,
    hypeMost: 0.5,
  },

  /** A broken promise is a debt of trust; trust = exp(−Σ debts). */
  debt: {
    /** Debt of one tolerance late before loss aversion. */
    hurt: 0.0625,
    halfLifeDays: 120,
    neverDone: 1.5,
    /** An expected breach still hurts by at least this share of its lateness. */
    expectedBreachShare: 0.7,
    /** Lateness (tolerances) assumed from the timer until the outcome is known. */
    provisionalTolerances: 0.5,
    kindWeights: { reservation: 1.2, response: 0.8, waiting: 1, service: 1, delivery: 1 },
    /** A warning takes off up to this share, in full when it came this part of the promised span before the due time. */
    warningCredit: 0.35,
    warningFullLeadShare: 0.25,
    secondPromiseMissed: 1.25,
    repeatWindowDays: 60,
    repeatStep: 0.5,
    repeatMost: 2.5,
    /** A kept promise heals this share of all debts, but at most this much debt. */
    healingShare: 0.04,
    healingMost: 0.03,
  },

  /** Satisfaction x moves by gain · value; experience = ½ + ½·tanh(x). */
  experience: { gain: 0.15, halfLifeDays: 60, endOfEpisode: 1.25 },

  /** Quality of a recovery, 0..1, and what it does to the debt. */
  recovery: {
    weights: { compensation: 0.4, apology: 0.25, explanation: 0.08, speed: 0.15, initiative: 0.12 },
    /** f(compensation / loss): concave to `full` at 1, rising to the peak, falling to the floor. */
    adequacy: { full: 0.9, exponent: 0.6, rise: 0.2, peakAt: 1.5, fall: 0.2, floor: 0.7 },
    mismatched: 0.8,
    delayedPayment: 0.85,
    apologies: { none: 0, auto: 0.5, personal: 1 },
    apologyWindowDays: 90,
    /** Worth of the first, second, third and any further apology inside the window. */
    apologyFade: [1, 0.5, 0, -0.25],
    speedHalfLifeHours: 24,
    /** Below this quality the attempt failed: a double deviation. */
    failsBelow: 0.35,
    doubleDeviation: 1.3,
    doubleDeviationsCounted: 2,
    healsAtMost: 0.85,
    healsAtMostAfterFailure: 0.6,
    /** Recovery paradox: satisfaction only, once, after one small failure excellently healed. */
    paradox: { fromQuality: 0.85, latenessAtMost: 1.5, windowDays: 365, satisfaction: 0.1 },
  },

  /** Voice = ½ + ½ · Σ g·s / (Σ g + prior), g = weight, more for bad ones, fading. */
  voice: {
    halfLifeDays: 180,
    prior: 1.5,
    badCounts: 2,
    /** s = (answer − neutral) / span, held in −1..1. */
    surveys: {
      csat: { neutral: 3, span: 2, weight: 1 },
      nps: { neutral: 7, span: 3, weight: 1 },
      ces: { neutral: 4, span: 3, weight: 0.8 },
      review: { neutral: 3, span: 2, weight: 0.8 },
    },
    complaint: { weight: 1, filed: -0.4, resolvedWell: 0.3, resolvedBadly: -1 },
  },

  /** Behaviour = p(alive) · (weights · (alive, repeat, trend, breadth, referrals)): a lost customer's past counts for nothing. */
  behaviour: {
    weights: { alive: 0.45, repeat: 0.15, trend: 0.15, breadth: 0.15, referrals: 0.1 },
    /** MBG/NBD of purchase days, per week; from the CDNOW cohort until the tenant has its own fit. */
    purchasing: { r: 0.524838, alpha: 6.18298, a: 0.891357, b: 1.614 },
    /** Fast and slow moving average of the check; the trend is full when they differ by the factor. */
    trend: { fastRate: 0.4, slowRate: 0.1, fullFactor: 1.5 },
    breadthWindowDays: 365,
    referralMade: 0.5,
    referralConverted: 1,
    referralHalfLifeDays: 365,
  },

  /** Relationship = (weights · (cadence, tenure, warmth, ties)) · (staffFloor + staffSpan · engagement). */
  relationship: {
    weights: { cadence: 0.3, tenure: 0.15, warmth: 0.35, ties: 0.2 },
    /** In touch once in so many days; more than so many contacts in that time crowd the customer. */
    cadenceDays: 30,
    contactsAtMost: 4,
    crowding: 0.8,
    tenureHalfLifeDays: 730,
    warmthHalfLifeDays: 90,
    personalContact: 0.1,
    personalContactWindowDays: 14,
    ties: { club: 0.25, agreement: 0.25, bundle: 0.2, customization: 0.3, points: 0.15, autopay: 0.1 },
    staffUnknown: 0.5,
    staffFloor: 0.85,
    staffSpan: 0.3,
    gestures: { note: 0.15, call: 0.35, gift: 0.3, surprise: 0.4, upgrade: 0.3 },
    /** Each earlier gesture (or contact) of the window multiplies the worth of the next. */
    repetition: 0.5,
    gestureWindowDays: 60,
    surpriseSatisfaction: 0.1,
    /** Repair before you please: below this trust a gesture counts only in part. */
    repairBelowTrust: 0.6,
    unrepaired: 0.5,
  },

  /** Best first; a tier is left only when the score is past its edge by the hysteresis (points). */
  tiers: {
    edges: [
      { tier: 'advocate', from: 80 },
      { tier: 'loyal', from: 65 },
      { tier: 'neutral', from: 45 },
      { tier: 'at_risk', from: 25 },
    ],
    lowest: 'broken',
    hysteresis: 2,
  },

  segments: { newForDays: 90, attitudeFrom: 0.55, behaviourFrom: 0.5 },

  /** risk = (1 − p(alive) · (trustFloor + (1 − trustFloor) · trust) · lowVoice?) · (1 − tiesHold · ties). */
  churn: { trustFloor: 0.25, lowVoiceBelow: 0.35, lowVoice: 0.75, tiesHold: 0.3 },

  /** Thresholds of the next gesture, and the share of months in which a surprise is drawn. */
  gestures: {
    debtFrom: 0.02,
    noDelightBelowTrust: 0.85,
    winBackBelowAlive: 0.5,
    checkInAfterDays: 45,
    promoterFrom: 2 / 3,
    promoterForDays: 90,
    referralsBelow: 0.25,
    oneCategoryAfterDays: 90,
    surpriseFrom: 65,
    surpriseMonthShare: 0.25,
  },

  /** The way back assumes a recovery of this quality. */
  wayBack: { recoveryQuality: 0.9 },

  /** When to alert: risk levels, fall of the score (points) in a window, quiet time, and how far below a level re-arms. */
  alerts: { warnFrom: 0.6, criticalFrom: 0.8, fallPoints: 10, fallWindowDays: 7, cooldownDays: 14, rearmBelow: 0.05 },
};

type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

/** All parameters of the model. A tenant's own ruleset is a copy with another `ruleset` name. */
export type Ruleset = Frozen<typeof RULESET_2026_01>;

/** The ruleset used when none is given. */
export const DEFAULT_RULESET: Ruleset = RULESET_2026_01;
