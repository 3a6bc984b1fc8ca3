import type { z } from 'zod';
import { HttpProblem } from '#libs/service';

/** @throws HttpProblem 400 with `code` and the place of the first thing that does not fit. */
export function readBody<Schema extends z.ZodType>(schema: Schema, body: unknown, code: string): z.infer<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const pointer = `/${issue?.path.join('/') ?? ''}`;
  throw new HttpProblem(400, { code, detail: `${pointer}: ${issue?.message ?? 'does not fit'}`, pointer });
}
