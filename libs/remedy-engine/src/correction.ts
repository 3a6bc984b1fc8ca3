import type { PromiseEventData } from '#libs/contracts';
import type { Guarantee } from '#libs/guarantees';
import type { OwedRemedy } from './owed.js';

/** No remedy of a guarantee can have such a name, so lines of corrections are numbered apart from what they correct. */
const SUFFIX = '/correction';
const TEMPLATE = 'correction';

/** The name under which the corrections of a remedy's apologies are numbered. */
export function correctionIdOf(remedyId: string): string {
  return remedyId + SUFFIX;
}

export function isCorrection(remedyId: string): boolean {
  return remedyId.endsWith(SUFFIX);
}

/** The remedy whose apologies are corrected under this name; any other remedy is itself. */
export function correctedBy(remedyId: string): string {
  return isCorrection(remedyId) ? remedyId.slice(0, -SUFFIX.length) : remedyId;
}

/** The text that corrects an apology which was sent for a miss that is none; null: the guarantee leaves it as it is. */
export function correctionOf(guarantee: Guarantee, remedyId: string, verdict: PromiseEventData): OwedRemedy | null {
  const remedy = guarantee.remedies.find(({ id }) => id === remedyId);
  if (guarantee.holding.afterSent !== 'correct' || remedy?.kind !== 'apology') return null;
  const file = remedy.place.file ?? guarantee.file;
  const args = { remedy: remedyId, verdict: verdict.verdict ?? 'open', file, version: guarantee.version };
  const rule = `${file} v${guarantee.version}, afterSent`;
  return {
    remedyId: correctionIdOf(remedyId),
    kind: 'notice',
    amountMinor: 0,
    currency: null,
    isMoney: false,
    nature: remedy.nature,
    template: TEMPLATE,
    party: remedy.party,
    explanation: [
      `The apology was sent and the miss is taken back (now: ${args.verdict}), so it is corrected (${rule}).`,
    ],
    reasons: [{ code: 'owed.correction', args }],
  };
}
