import { isSeq, type YAMLMap } from 'yaml';
import { describeDuration, parseDurationMs } from '#libs/kernel';
import type { Bands, Warning } from '../guarantee.js';
import type { Remedy } from '../remedy.js';
import { compilePattern } from './compile-evidence.js';
import type { TermsReader } from './terms-reader.js';

/** A band a day for a year, with room. */
const BANDS_MAX = 400;

/** The `warn:` of a checked guarantee. */
export function compileWarnings(reader: TermsReader, root: YAMLMap): Warning[] {
  const seen = new Map<string, number>();
  return reader.maps(root, 'warn').flatMap((node) => {
    const warning = compileWarning(reader, root, node);
    if (warning === null) return [];
    const { line } = reader.place(node);
    const first = seen.get(warning.id);
    if (first !== undefined) {
      const message = `the warning ${warning.id} stands on line ${first} already`;
      reader.source.report('GUARANTEE_DUPLICATE_NAME', message, 'Take one of the two out.', reader.offsetOf(node));
    }
    seen.set(warning.id, line);
    return warning;
  });
}

function compileWarning(reader: TermsReader, root: YAMLMap, node: YAMLMap): Warning | null {
  const given = ['at', 'before', 'on', 'disruption'].filter((field) => node.has(field));
  const [kind, second] = given;
  if (kind === undefined || second !== undefined) {
    const message = `a warning needs exactly one of at, before, on, disruption; ${given.length === 0 ? 'none is there' : `${given.join(' and ')} are there`}`;
    const advice = 'Write { at: "75%" }, { before: PT2H } or { on: post.item.eta, when: event.data.eta > due }.';
    reader.source.report('GUARANTEE_TERMS_CONFLICT', message, advice, reader.offsetOf(node, second));
    return null;
  }
  const tell = reader.text(node, 'tell') as Warning['tell'];
  if (kind === 'disruption') return { id: kind, point: { disruption: true }, tell };
  if (kind === 'on') return { id: String(node.get('on')), point: compilePattern(reader, node), tell };
  if (kind === 'before') {
    const beforeMs = reader.durationMs(node, 'before') ?? 0;
    checkBefore(reader, root, node, beforeMs);
    return { id: String(node.get('before')), point: { beforeMs }, tell };
  }
  const share = shareOf(reader, node);
  return share === null ? null : { id: String(node.get('at')), point: { share }, tell };
}

function shareOf(reader: TermsReader, node: YAMLMap): number | null {
  const text = reader.text(node, 'at') ?? '';
  const match = /^(\d{1,4}(?:\.\d{1,3})?)%$/.exec(text);
  const percent = match === null ? null : Number(match[1]);
  const at = reader.offsetOf(node, 'at');
  if (percent === null) {
    reader.source.report(
      'GUARANTEE_WRONG_VALUE',
      `at: \`${text}\` is no share of the clock`,
      'Write e.g. at: "75%".',
      at,
    );
    return null;
  }
  if (percent >= 100) {
    const advice = 'Warn before due: e.g. at: "75%"; due itself is told as overdue.';
    reader.source.report('GUARANTEE_WARN_BEYOND_DUE', `at: ${text} of the clock is not before due`, advice, at);
  } else if (percent <= 0) {
    const advice = 'Warn after the opening: e.g. at: "75%".';
    reader.source.report('GUARANTEE_WARN_BEYOND_DUE', `at: ${text} of the clock is not after the opening`, advice, at);
  }
  return percent / 100;
}

/** A notice of disruptions that no warning tells would never be told. */
export function checkDisruptionNotices(
  reader: TermsReader,
  root: YAMLMap,
  warnings: readonly Warning[],
  remedies: readonly Remedy[],
): void {
  const untold = remedies.find(({ upon }) => upon === 'disruption');
  if (untold === undefined || warnings.some(({ point, tell }) => 'disruption' in point && tell !== null)) return;
  const node = reader.maps(root, 'remedies').find((each) => reader.text(each, 'id') === untold.id);
  const message = `the notice ${untold.id} is told upon a disruption, and no warning says whom to tell of one`;
  const advice = 'Add `warn: [{ disruption: true, tell: customer }]`.';
  reader.source.report('GUARANTEE_TERMS_CONFLICT', message, advice, reader.offsetOf(node ?? root, 'upon'));
}

/** A warning further before due than the whole clock would lie before the opening, and never fire. */
function checkBefore(reader: TermsReader, root: YAMLMap, node: YAMLMap, beforeMs: number): void {
  const due = reader.map(root, 'due');
  const limits = (due === null ? reader.maps(root, 'due') : [due]).map((rule) => parseDurationMs(rule.get('within')));
  if (limits.length === 0 || limits.some((limitMs) => limitMs === null || limitMs > beforeMs)) return;
  const longest = Math.max(...limits.map((limitMs) => limitMs ?? 0));
  const message = `before: ${describeDuration(beforeMs)} before due there is no promise yet: due is ${describeDuration(longest)} from the opening`;
  const advice = 'Warn later, e.g. at: "75%".';
  reader.source.report('GUARANTEE_WARN_BEYOND_DUE', message, advice, reader.offsetOf(node, 'before'));
}

/** The `bands:` of a checked guarantee: lateness in milliseconds, ascending. */
export function compileBands(reader: TermsReader, root: YAMLMap): Bands {
  const node: unknown = root.get('bands', true);
  const every = reader.map(root, 'bands');
  const steps = every === null ? (isSeq(node) ? listed(node.items) : []) : repeated(reader, every);
  const at = reader.offsetOf(root, 'bands');
  if (steps.length > BANDS_MAX) {
    const message = `bands has ${steps.length} steps, at most ${BANDS_MAX} are allowed`;
    reader.source.report('GUARANTEE_ENTRY_COUNT', message, 'Make the steps longer.', at);
    return [];
  }
  const wrong = steps.findIndex((ms, i) => ms <= (steps[i - 1] ?? 0));
  if (wrong !== -1) {
    const message = `bands: step ${wrong + 1} is not later than the one before it, or than due`;
    reader.source.report('GUARANTEE_TERMS_CONFLICT', message, 'List them in ascending order, e.g. [PT1H, PT24H].', at);
  }
  return steps;
}

const listed = (items: readonly unknown[]): number[] =>
  items.map((item) => parseDurationMs((item as { value?: unknown }).value) ?? 0);

function repeated(reader: TermsReader, node: YAMLMap): number[] {
  const everyMs = reader.durationMs(node, 'every') ?? 0;
  const untilMs = reader.durationMs(node, 'until') ?? 0;
  if (everyMs <= 0 || untilMs < everyMs) return [0];
  return Array.from({ length: Math.min(Math.floor(untilMs / everyMs), BANDS_MAX + 1) }, (_, i) => (i + 1) * everyMs);
}
