import { readYaml, refuse } from '#libs/source-maps';
import type { CloudEvent } from '#libs/contracts';
import type { InstantMs } from '#libs/kernel';
import type { ModelEvent } from '#libs/loyalty-model';
import { memberAt, RecipeCompiler, type ModelRecipe } from './model-recipe.js';
import { settingsOf, type ModelSettings } from './model-settings.js';
import { signalsSchema } from './signals-schema.js';

/** One upstream type that is a fact about a customer. */
export interface SignalRule {
  /** Members below the event, e.g. ["data", "customerId"]. */
  readonly customerPath: readonly string[];
  /** sla-timer reads it too. */
  readonly alsoEvent: boolean;
  /** What the loyalty model is told of it; may be nothing. */
  readonly recipes: readonly ModelRecipe[];
}

export interface Signals {
  readonly rules: ReadonlyMap<string, SignalRule>;
  readonly settings: ModelSettings;
}

/** Known without any file: they carry what makegood itself must know of a customer. */
const BUILT_IN: readonly (readonly [string, SignalRule])[] = [
  ['customer.updated', { customerPath: ['data', 'customer'], alsoEvent: false, recipes: [] }],
  ['customer.merged', { customerPath: ['data', 'into'], alsoEvent: false, recipes: [] }],
];

/**
 * Reads signals.yaml (kind: Signals), which intake (whose is it?) and loyalty (what does it mean?) share.
 * @throws FileError with every problem in it: code, place, nearest right name.
 */
export function loadSignals(file: { readonly file: string; readonly text: string } | null): Signals {
  const rules = new Map<string, SignalRule>();
  if (!file) return { rules: new Map(BUILT_IN), settings: settingsOf(undefined) };
  const read = readYaml(file.text, file.file, signalsSchema, 'SIGNALS');
  const compiler = new RecipeCompiler(read);
  for (const [type, { customer, events, model }] of Object.entries(read.value.signals)) {
    const path = ['signals', type];
    const ours = type.startsWith('makegood.') ? type : BUILT_IN.find(([name]) => name === type)?.[0];
    if (ours !== undefined) {
      const detail = `\`${ours}\` is makegood's own and needs no entry`;
      compiler.problems.push(read.problemAt(path, { code: 'SIGNALS_TYPE_RESERVED', detail }));
    }
    const shapes = model === undefined ? [] : Array.isArray(model) ? model : [model];
    const recipes = shapes.map((shape, i) =>
      compiler.recipe(shape, [...path, 'model', ...(Array.isArray(model) ? [i] : [])]),
    );
    const members = customer.split('.');
    rules.set(type, {
      customerPath: members[0] === 'event' ? members.slice(1) : members,
      alsoEvent: events,
      recipes,
    });
  }
  refuse(compiler.problems);
  for (const [type, rule] of BUILT_IN) rules.set(type, rule);
  return { rules, settings: settingsOf(read.value.model) };
}

/** What the model is told of a signal; `at` and other times are epoch milliseconds. @throws SignalError */
export function modelEventsOf(rule: SignalRule, event: CloudEvent, id: string, timeMs: InstantMs): ModelEvent[] {
  return rule.recipes.flatMap((recipe, i) => recipe(event, i === 0 ? id : `${id}#${i}`, timeMs) ?? []);
}

/** The customer a signal is about; undefined where it names none. */
export function customerOf(rule: Pick<SignalRule, 'customerPath'>, event: CloudEvent): unknown {
  return memberAt(event, rule.customerPath);
}
