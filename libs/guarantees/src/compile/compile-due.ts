import type { YAMLMap } from 'yaml';
import { endOfLocalDayMs } from '#libs/calendar';
import { describeDuration, MAX_INSTANT_MS } from '#libs/kernel';
import { EvaluationError, type ClockMoves, type Due, type FactView } from '../guarantee.js';
import { INSTANT, LOCAL_DATE } from '../expressions/result-kind.js';
import type { TermsReader } from './terms-reader.js';

const KINDS = ['at', 'within', 'by'] as const;

/** What the deadline is called in explanations: its rule's place, e.g. "guarantees/x.yaml v1, line 20". */
export interface RuleText {
  readonly file: string;
  readonly version: number;
}

/** The deadline of a checked `due:` mapping; null when problems were reported. */
export function compileDue(reader: TermsReader, due: YAMLMap, guaranteeZone: string, rule: RuleText): Due | null {
  const given = KINDS.filter((kind) => due.has(kind));
  const [kind, second] = given;
  if (kind === undefined || second !== undefined) {
    const message = `due needs exactly one of at, within, by; ${given.length === 0 ? 'none is there' : `${given.join(' and ')} are there`}`;
    const advice =
      'Write due: { at: event.data.promisedAt }, due: { within: PT3M } or due: { by: { endOf: event.data.promisedDate } }.';
    reader.source.report('GUARANTEE_DUE_AMBIGUOUS', message, advice, reader.offsetOf(due, second));
    return null;
  }
  refuseStray(reader, due, 'from', kind === 'within', 'within');
  refuseStray(reader, due, 'zone', kind === 'by', 'by');
  const place = reader.place(due, kind);
  const ruleText = `${rule.file} v${rule.version}, line ${place.line}`;
  const compute =
    kind === 'at'
      ? dueAt(reader, due)
      : kind === 'within'
        ? dueWithin(reader, due)
        : dueBy(reader, due, reader.text(due, 'zone') ?? guaranteeZone);
  if (compute === null) return null;
  return {
    kind,
    place,
    calendar: null,
    compute(opening, moves) {
      const { dueAtMs: startMs, words } = compute(opening);
      const dueAtMs = movedMs(moves.repromised?.dueAtMs ?? startMs, moves);
      if (dueAtMs <= MAX_INSTANT_MS)
        return { dueAtMs, inTimeUntilMs: dueAtMs, explain: () => `${words} (${ruleText})` };
      throw new EvaluationError(`${rule.file}:${place.line}:${place.column}  due lies beyond the year 2100`, place);
    },
    latenessMs: (due, completedAtMs) => completedAtMs - due.dueAtMs,
    warnAtMs(opening, due, _moves, point) {
      if ('beforeMs' in point) return due.dueAtMs - point.beforeMs;
      return opening.occurredAtMs + Math.floor((due.dueAtMs - opening.occurredAtMs) * point.share);
    },
    usedMs: (fromMs, untilMs) => untilMs - fromMs,
  };
}

/** Each pause that begins while the clock still runs moves what is left by its length. */
function movedMs(startMs: number, moves: ClockMoves): number {
  let dueAtMs = startMs - moves.spentMs + moves.extendMs;
  for (const { fromMs, untilMs } of moves.pauses) if (fromMs < dueAtMs) dueAtMs += untilMs - fromMs;
  return dueAtMs;
}

type ComputeDue = (opening: FactView) => { readonly dueAtMs: number; readonly words: string };

function dueAt(reader: TermsReader, due: YAMLMap): ComputeDue | null {
  const at = reader.expression(due, 'at', INSTANT);
  if (at === null) return null;
  const words = `the instant that \`${at.text}\` names`;
  return (opening) => ({ dueAtMs: at.evaluate(opening), words });
}

function dueWithin(reader: TermsReader, due: YAMLMap): ComputeDue | null {
  const withinMs = reader.durationMs(due, 'within') as number;
  const from = reader.expression(due, 'from', INSTANT);
  if (from === null && due.has('from')) return null;
  const words = `${describeDuration(withinMs)} from ${from === null ? 'the opening' : `\`${from.text}\``}`;
  return (opening) => ({ dueAtMs: (from?.evaluate(opening) ?? opening.occurredAtMs) + withinMs, words });
}

function dueBy(reader: TermsReader, due: YAMLMap, zone: string): ComputeDue | null {
  const endOf = reader.expression(reader.map(due, 'by') as YAMLMap, 'endOf', LOCAL_DATE);
  if (endOf === null) return null;
  return (opening) => {
    const date = endOf.evaluate(opening);
    return { dueAtMs: endOfLocalDayMs(zone, date), words: `the end of ${date} in ${zone}` };
  };
}

function refuseStray(reader: TermsReader, due: YAMLMap, field: string, isFitting: boolean, partner: string): void {
  if (!due.has(field) || isFitting) return;
  const message = `due.${field} says nothing here: it belongs to \`${partner}\``;
  reader.source.report('GUARANTEE_FIELD_OUT_OF_PLACE', message, `Take \`${field}\` out.`, reader.offsetOf(due, field));
}
