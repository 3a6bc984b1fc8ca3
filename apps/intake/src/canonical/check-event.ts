import { EVENT_LIMITS, SOURCES, TICK_TYPE } from '#libs/contracts';
import { formatInstant, parseInstant, type InstantMs } from '#libs/kernel';
import { checkData, checkText } from './check-data.js';
import { invalid, missing, type Refusal } from './refusal.js';

/** What an event is judged by beside itself: by which way it came, from whom, and when. */
export interface Judgement {
  readonly mode: 'live' | 'replay';
  readonly way: 'http' | 'ingress';
  /** CloudEvents source that the sender's key is bound to; null: any. */
  readonly boundSource: string | null;
  /** The sender may speak for makegood where a replay has to. */
  readonly isAdmin: boolean;
  /** When the event was received, for FUTURE_FACT: the clock over HTTP, the append time in ingress. */
  readonly receivedAtMs: InstantMs;
}

const EXAMPLES: Readonly<Record<string, string>> = {
  specversion: '"1.0"',
  id: '"scan-4711"',
  source: '"post/parcels"',
  type: '"post.item.delivered"',
  subject: '"RR1042"',
  time: '"2026-03-05T16:20:00+01:00"',
  data: '{}',
};
const TEXTS = ['id', 'source', 'type', 'subject'] as const;
const REQUIRED = ['specversion', ...TEXTS, 'time', 'data'] as const;
const OPTIONAL_TEXTS = ['datacontenttype', 'dataschema', 'traceparent'] as const;
/** What compensation puts into ingress for makegood to hear again. */
const PAYOUT_PREFIX = 'makegood.payout.';

/** The first thing that is wrong with an event, or null. Size is judged apart, on its bytes. */
export function checkEvent(event: unknown, judgement: Judgement): Refusal | null {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    return invalid('', 'a JSON object was expected', 'An event is a CloudEvent 1.0 in JSON.');
  }
  const members = event as Record<string, unknown>;
  return (
    checkMembers(members) ??
    checkRights(members, judgement) ??
    checkTime(members, judgement) ??
    checkData(members['data'], '/data')
  );
}

function checkMembers(members: Record<string, unknown>): Refusal | null {
  for (const name of REQUIRED) {
    if (members[name] === undefined || members[name] === null)
      return missing(`/${name}`, `Add "${name}": ${EXAMPLES[name]}.`);
  }
  if (members['specversion'] !== '1.0')
    return invalid('/specversion', 'the text "1.0" was expected', 'makegood speaks CloudEvents 1.0.');
  for (const name of TEXTS) {
    const refusal = checkName(members[name], `/${name}`);
    if (refusal) return refusal;
  }
  const { data, revision } = members;
  if (typeof data !== 'object' || Array.isArray(data))
    return invalid('/data', 'a JSON object was expected', 'Put the fields of the fact into an object.');
  if (revision != null && !(Number.isSafeInteger(revision) && (revision as number) >= 0)) {
    return invalid(
      '/revision',
      'an integer from 0 was expected',
      'A correction repeats the id with a higher revision.',
    );
  }
  for (const name of OPTIONAL_TEXTS) {
    const value = members[name];
    if (value != null && typeof value !== 'string')
      return invalid(`/${name}`, 'text was expected', `Send ${name} as text or leave it out.`);
  }
  return null;
}

function checkName(value: unknown, pointer: string): Refusal | null {
  const advice = `Send text of 1 to ${EVENT_LIMITS.textIdCharsMax} characters.`;
  if (typeof value !== 'string') return invalid(pointer, `text was expected, found ${typeof value}`, advice);
  if (value.length === 0) return invalid(pointer, 'text was expected, it is empty', advice);
  if (value.length > EVENT_LIMITS.textIdCharsMax)
    return invalid(pointer, `${value.length} characters are too many`, advice);
  return checkText(value, pointer);
}

function checkRights(members: Record<string, unknown>, judgement: Judgement): Refusal | null {
  const { source, type } = members as { source: string; type: string };
  const isOurs = type.startsWith('makegood.') || source === 'makegood' || source.startsWith('makegood/');
  if (isOurs && !mayBeOurs(source, type, judgement)) {
    const pointer = type.startsWith('makegood.') ? '/type' : '/source';
    const detail = 'types makegood.* and sources makegood/* are said by makegood alone';
    return {
      code: 'TYPE_RESERVED',
      detail,
      advice: 'Name the type after your own domain, e.g. shop.order.placed.',
      pointer,
    };
  }
  if (judgement.boundSource === null || judgement.boundSource === source) return null;
  const detail = `the key may speak for \`${judgement.boundSource}\` only`;
  return {
    code: 'WRONG_SOURCE',
    detail,
    advice: 'Send with the key of that source: ./makegood key create --source SOURCE.',
    pointer: '/source',
  };
}

function mayBeOurs(source: string, type: string, { mode, way, isAdmin }: Judgement): boolean {
  if (mode === 'replay' && way === 'http' && isAdmin && type === TICK_TYPE) return source === SOURCES.replay;
  return way === 'ingress' && source === SOURCES.compensation && type.startsWith(PAYOUT_PREFIX);
}

function checkTime(members: Record<string, unknown>, { mode, receivedAtMs }: Judgement): Refusal | null {
  const timeMs = parseInstant(members['time']);
  if (timeMs === null)
    return invalid(
      '/time',
      'an RFC 3339 instant with offset, 1970 to 2100, was expected',
      `E.g. "time": ${EXAMPLES['time']}.`,
    );
  if (mode === 'replay') {
    const { receivedat } = members;
    if (receivedat == null || parseInstant(receivedat) !== null) return null;
    return invalid('/receivedat', 'an RFC 3339 instant with offset was expected', 'It says when the fact was learned.');
  }
  if (timeMs <= receivedAtMs + EVENT_LIMITS.futureMsMax) return null;
  const detail = `\`time\` lies more than 24 h ahead of its receipt at ${formatInstant(receivedAtMs)}`;
  return {
    code: 'FUTURE_FACT',
    detail,
    advice: 'Set the clock of the source right, and send facts once they happened.',
    pointer: '/time',
  };
}
