import { z } from 'zod';
import { isTimeZone } from '#libs/calendar';
import { parseDurationMs } from '#libs/kernel';
import { MODEL_EVENT_TYPES, type ModelEventType } from '#libs/loyalty-model';

/** What upstream cannot tell by a signal: promises come by their own topic, time by ticks. */
const NOT_BY_SIGNALS: readonly ModelEventType[] = ['promise.breached', 'promise.settled', 'time.tick'];
export const SIGNAL_EVENT_TYPES = MODEL_EVENT_TYPES.filter((type) => !NOT_BY_SIGNALS.includes(type));

const duration = z.string().refine((text) => (parseDurationMs(text) ?? 0) > 0, 'a duration such as PT15M or P1D');
const share = z.number().min(0).max(1);
const expression = z.union([z.string().min(1).max(2_000), z.number(), z.boolean()]);
const customerPath = z
  .string()
  .regex(/^(subject|event(\.[A-Za-z_]\w*)+)$/, 'a path such as event.data.customerId was expected');

/** One event of the model; members beside these are its fields (checked by type when compiled). */
const modelEvent = z
  .object({ type: z.enum(SIGNAL_EVENT_TYPES as [ModelEventType, ...ModelEventType[]]) })
  .catchall(expression);
export type ModelEventFile = z.infer<typeof modelEvent>;

const signal = z.strictObject({
  customer: customerPath,
  events: z.boolean().default(false),
  model: z.union([modelEvent, z.array(modelEvent).min(1).max(10)]).optional(),
});

const wallTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a wall time such as 21:30');

/** How the log becomes the model's events, and when someone may be contacted. */
const model = z.strictObject({
  tolerances: z
    .strictObject({
      reservation: duration.optional(),
      response: duration.optional(),
      waiting: duration.optional(),
      service: duration.optional(),
      delivery: duration.optional(),
    })
    .optional(),
  recoveryWithin: duration.optional(),
  paidWithin: duration.optional(),
  goodwillWorth: z.number().min(0).max(3).optional(),
  contact: z
    .strictObject({
      quietFrom: wallTime.optional(),
      quietUntil: wallTime.optional(),
      timeZone: z.string().refine(isTimeZone, 'a time zone such as Europe/Berlin').optional(),
      every: duration.optional(),
      again: duration.optional(),
    })
    .optional(),
  surpriseSeed: z.string().min(1).max(200).optional(),
  refit: z.enum(['propose', 'apply']).optional(),
  /** Another name for the rules, and the weights that differ from `2026-01`. */
  rules: z
    .strictObject({
      ruleset: z.string().regex(/^[A-Za-z0-9][\w.-]{0,59}$/, 'a name such as 2026-01-acme'),
      blend: z
        .strictObject({ trustAlone: share, experience: share, behaviour: share, voice: share, relationship: share })
        .refine(
          ({ experience, behaviour, voice, relationship }) =>
            Math.abs(experience + behaviour + voice + relationship - 1) < 1e-9,
          'experience, behaviour, voice and relationship must sum to 1',
        )
        .optional(),
      lossAversion: z.number().min(1.5).max(2.5).optional(),
      failsBelow: share.optional(),
      purchasing: z
        .strictObject({
          r: z.number().positive(),
          alpha: z.number().positive(),
          a: z.number().positive(),
          b: z.number().positive(),
        })
        .optional(),
    })
    .optional(),
});
export type ModelFile = z.infer<typeof model>;

export const signalsSchema = z.strictObject({
  apiVersion: z.literal('makegood/v1'),
  kind: z.literal('Signals'),
  model: model.optional(),
  signals: z.record(z.string().min(1).max(200), signal),
});
export type SignalsFile = z.infer<typeof signalsSchema>;
