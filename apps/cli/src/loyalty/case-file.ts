import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Problem } from '#libs/kernel';
import { checkModelEvent, type CalibrationCases, type WorkedCases } from '#libs/loyalty-model';
import { refuse } from '#libs/source-maps';

const TIERS = z.enum(['advocate', 'loyal', 'neutral', 'at_risk', 'broken']);
const expected = z.record(z.string(), z.unknown());
const several = <Each extends z.ZodType>(each: Each) => z.array(each).optional();

const modelCases = z.object({
  tolerance: z.number().min(0).optional(),
  cases: several(
    z.object({
      n: z.number().optional(),
      name: z.string().optional(),
      asOf: z.number(),
      events: z.array(z.unknown()),
      expected,
    }),
  ),
  tierCases: several(z.object({ score: z.number(), prev: TIERS.nullable(), expected: z.string() })),
  valueCases: several(z.object({ z: z.number(), expected: z.number() })),
  adequacyCases: several(z.object({ a: z.number(), expected: z.number() })),
});

const calibrationCases = z.object({
  minHistory: z.record(z.string(), z.number()).optional(),
  history: several(z.number()),
  promises: several(
    z.object({
      args: z.object({
        reliability: z.number(),
        unit: z.number().positive(),
        n: z.number(),
        fallback: z.number().nullable(),
      }),
      expected,
    }),
  ),
  aci: z
    .object({
      lates: z.array(z.union([z.number(), z.boolean()])),
      target: z.number(),
      gamma: z.number(),
      start: z.number().optional(),
      expected: z.array(z.number()),
    })
    .optional(),
  wilson: several(z.object({ k: z.number(), n: z.number(), expected: z.array(z.number()) })),
  reports: several(
    z.object({
      promised: z.number(),
      actual: z.array(z.number()),
      reliability: z.number().optional(),
      expected,
    }),
  ),
});

const PARTS = {
  model: ['cases', 'tierCases', 'valueCases', 'adequacyCases'],
  calibration: ['minHistory', 'promises', 'aci', 'wilson', 'reports'],
} as const;

const PROBLEMS_SHOWN_MAX = 20;

/** Cases of the model. @throws FileError LOYALTY_CASES_INVALID with each mistake and where it stands. */
export function readModelCases(file: string): WorkedCases {
  const read = readCases(file, modelCases, PARTS.model);
  const problems: Problem[] = [];
  const cases = (read.cases ?? []).map((each, i) => ({
    ...each,
    events: each.events.map((event, j) => {
      const checked = checkModelEvent(withoutNothing(event));
      if ('event' in checked) return checked.event;
      const place = `/cases/${i}/events/${j}`;
      problems.push(...checked.problems.map((one) => ({ ...one, pointer: `${place}${one.pointer ?? ''}` })));
      return null;
    }),
  }));
  refuseSome(file, problems);
  return { ...read, cases } as WorkedCases;
}

/** Cases of promise calibration. @throws FileError LOYALTY_CASES_INVALID, as above. */
export function readCalibrationCases(file: string): CalibrationCases {
  return readCases(file, calibrationCases, PARTS.calibration) as CalibrationCases;
}

function readCases<Schema extends z.ZodType<object>>(
  file: string,
  schema: Schema,
  parts: readonly string[],
): z.infer<Schema> {
  const invalid = (detail: string, pointer?: string): Problem => ({
    code: 'LOYALTY_CASES_INVALID',
    detail: `${file} → ${detail}`,
    ...(pointer === undefined ? {} : { pointer }),
    advice: 'see docs/loyalty.md for the form of such files',
  });
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    refuse([invalid(`no JSON: ${error.message}`)]);
  }
  const result = schema.safeParse(document);
  if (!result.success) {
    refuseSome(
      file,
      result.error.issues.map(({ path, message }) => invalid(message, `/${path.map(String).join('/')}`)),
    );
    throw new Error(`${file} was refused without a reason`);
  }
  if (!parts.some((part) => part in result.data)) refuse([invalid(`no cases: expected one of ${parts.join(', ')}`)]);
  return result.data;
}

/** Null stands for what is not known, as absence does; `actualAt` is the one for which that means something: never done. */
function withoutNothing(event: unknown): unknown {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return event;
  const known = Object.entries(event).filter(([, value]) => value !== null);
  const { type } = event as { readonly type?: unknown };
  return Object.fromEntries(type === 'promise.settled' ? [['actualAt', null], ...known] : known);
}

function refuseSome(file: string, problems: readonly Problem[]): void {
  const more = problems.length - PROBLEMS_SHOWN_MAX;
  const rest: Problem[] =
    more > 0 ? [{ code: 'LOYALTY_CASES_INVALID', detail: `${file} → and ${more} mistakes more` }] : [];
  refuse([...problems.slice(0, PROBLEMS_SHOWN_MAX), ...rest]);
}
