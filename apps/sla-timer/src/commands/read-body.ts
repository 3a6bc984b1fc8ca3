import type { z } from 'zod';
import { HttpProblem } from '#libs/service';

/** A request's body in the shape that is wanted. @throws HttpProblem 400 with the first place that is not. */
export function readBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const read = schema.safeParse(body ?? {});
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const pointer = `/${issue?.path.map(String).join('/') ?? ''}`;
  throw new HttpProblem(400, {
    code: 'FIELD_INVALID',
    detail: issue?.message ?? 'a JSON object was expected',
    pointer,
  });
}
