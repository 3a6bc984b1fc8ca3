import { z } from 'zod';
import { readYaml } from '#libs/source-maps';

/** Which types are facts about customers, where they name the customer, and whether sla-timer reads them too. */
export interface SignalRule {
  /** Members below the event, e.g. ["data", "customerId"]. */
  readonly customerPath: readonly string[];
  readonly alsoEvent: boolean;
}

export type SignalRules = ReadonlyMap<string, SignalRule>;

const schema = z.strictObject({
  apiVersion: z.literal('makegood/v1'),
  kind: z.literal('Signals'),
  /** The loyalty model's own settings: no business of intake. */
  model: z.unknown().optional(),
  signals: z.record(
    z.string().min(1).max(200),
    z.strictObject({
      customer: z
        .string()
        .regex(/^(subject|event(\.[A-Za-z_]\w*)+)$/, 'a path such as event.data.customerId was expected'),
      events: z.boolean().default(false),
      model: z.unknown().optional(),
    }),
  ),
});

/** Known without any file: they carry what makegood itself must know of a customer. */
const BUILT_IN: readonly (readonly [string, SignalRule])[] = [
  ['customer.updated', { customerPath: ['data', 'customer'], alsoEvent: false }],
  ['customer.merged', { customerPath: ['data', 'into'], alsoEvent: false }],
];

/** @throws FileError with code, place and nearest name. */
export function readSignalRules(file: { readonly file: string; readonly text: string } | null): SignalRules {
  const rules = new Map<string, SignalRule>();
  if (file) {
    const { signals } = readYaml(file.text, file.file, schema, 'SIGNALS').value;
    for (const [type, { customer, events }] of Object.entries(signals)) {
      const path = customer.split('.');
      rules.set(type, { customerPath: path[0] === 'event' ? path.slice(1) : path, alsoEvent: events });
    }
  }
  for (const [type, rule] of BUILT_IN) rules.set(type, rule);
  return rules;
}
