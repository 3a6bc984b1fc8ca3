import { z } from 'zod';

/**
 * What a settlement says of the export that it comes from, so that the log alone tells which line left by which export.
 * `accepted` hands a line over by `number`; `stopped` takes it back: then `of` names the export that it was told by.
 */
const exportMark = z.object({
  number: z.int().positive(),
  kind: z.enum(['payments', 'withdrawal']),
  format: z.enum(['csv', 'pain.001']),
  route: z.string(),
  madeAtMs: z.int(),
  by: z.string(),
  /** Lines of the export, and which of them this is. */
  count: z.int().positive(),
  position: z.int().nonnegative(),
  of: z.int().positive().optional(),
  /** Local date on which the bank shall pay. */
  executeOn: z.string().optional(),
  reason: z.string().optional(),
});
export type ExportMark = z.infer<typeof exportMark>;

export function readExportMark(value: unknown): ExportMark | null {
  const mark = exportMark.safeParse(value);
  return mark.success ? mark.data : null;
}
