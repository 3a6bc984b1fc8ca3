import { z } from 'zod';
import { isTimeZone, knownTimeZones } from '#libs/calendar';
import { nearestName } from '#libs/kernel';

const expression = z.union([z.string().min(1).max(2_000), z.number(), z.boolean()]);
const name = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,59}$/, 'a letter first, then letters, digits and _');

export const timeZone = z.string().superRefine((zone, context) => {
  if (isTimeZone(zone)) return;
  const nearest = nearestName(zone.replace(/ /g, '_'), knownTimeZones());
  context.addIssue({
    code: 'custom',
    message: `there is no time zone \`${zone}\`${nearest ? `; did you mean \`${nearest}\`?` : ''}`,
  });
});

/** An expression giving an RFC 3339 instant, or a field that holds a local time without offset. */
const instant = z.union([expression, z.strictObject({ local: expression, zone: expression.optional() })]);

export type DataShape = z.infer<typeof expression> | { [member: string]: DataShape };
const data: z.ZodType<DataShape> = z.lazy(() => z.union([expression, z.record(name, data)]));

const emit = z.strictObject({
  type: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/, 'an event type such as shop.order.placed'),
  when: expression.optional(),
  id: z.array(expression).min(1).max(10),
  subject: expression,
  time: instant,
  receivedAt: instant.optional(),
  data: z.record(name, data),
});

export const mapSchema = z.strictObject({
  apiVersion: z.literal('makegood/v1'),
  kind: z.literal('SourceMap'),
  name: z.string().regex(/^[a-z][a-z0-9-]{0,59}$/, 'small letters, digits and hyphens, a letter first'),
  title: z.string().max(200).optional(),
  source: z.string().min(1).max(200),
  timeZone: timeZone.optional(),
  columns: z.array(name).min(1).max(500).optional(),
  emits: z.array(emit).min(1).max(20),
});

export type MapFile = z.infer<typeof mapSchema>;
export type EmitFile = z.infer<typeof emit>;
export type InstantFile = z.infer<typeof instant>;
