import type { Reason } from '#libs/contracts';
import type { Guarantee } from '#libs/guarantees';
import { describeDuration, formatInstant } from '#libs/kernel';
import type { Judgement, PromiseRecord } from '#libs/promise-engine';

export interface WouldChange {
  readonly text: string;
  readonly reason: Reason;
}

/** The nearest fact that would have given another verdict; null: none can any more be named. */
export function whatWouldChange(
  record: Pick<PromiseRecord, 'verdict'>,
  judgement: Pick<Judgement, 'inTimeUntilMs' | 'completedAtMs' | 'excuse' | 'cancellation' | 'failure'>,
  { evidence }: { readonly evidence: Pick<Guarantee['evidence'], 'kept'> },
): WouldChange | null {
  const { inTimeUntilMs, completedAtMs, excuse, cancellation, failure } = judgement;
  const types = [...new Set(evidence.kept.map(({ on }) => on))].join(' or ');
  const until = formatInstant(inTimeUntilMs);
  switch (record.verdict) {
    case null:
      return said('waits', `Kept, when ${types} happens by ${until}.`, { types, until });
    case 'kept': {
      if (completedAtMs === null) return null;
      const margin = describeDuration(inTimeUntilMs - completedAtMs + 1);
      return said('kept-by', `Missed, had it happened ${margin} later.`, { margin });
    }
    case 'excused':
    case 'breached': {
      if (record.verdict === 'excused' && excuse !== null) {
        const by = excuse.disruption?.id ?? excuse.fact?.id ?? excuse.code;
        return said('excused-by', `Answered for, without ${excuse.code} (${by}).`, { code: excuse.code, by });
      }
      if (failure !== null && completedAtMs === null) {
        const text = `Kept, had ${types} happened by ${until} in spite of ${failure.id}.`;
        return said('failed-by', text, { types, until, failure: failure.id });
      }
      if (completedAtMs === null) return said('not-done', `Kept, had ${types} happened by ${until}.`, { types, until });
      const lateness = describeDuration(completedAtMs - inTimeUntilMs);
      return said('late-by', `Kept, had it happened ${lateness} earlier.`, { lateness });
    }
    case 'cancelled': {
      if (cancellation === null) return null;
      return said('cancelled-by', `Still to be kept, without ${cancellation.id}.`, { cancellation: cancellation.id });
    }
    default:
      throw new Error(`unknown verdict ${JSON.stringify(record.verdict satisfies never)}`);
  }
}

function said(code: string, text: string, args: Reason['args']): WouldChange {
  return { text, reason: { code, args } };
}
