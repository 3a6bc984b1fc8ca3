import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isTimeZone } from '#libs/calendar';
import { parseDurationMs } from '#libs/kernel';
import { FileError, loadMap, readYaml, type SourceMap } from '#libs/source-maps';
import type { SettingsFile } from '#libs/config';

/** One source of sources.yaml. A source without an entry may send events all the same; it is never silent. */
export interface KnownSource {
  readonly name: string;
  /** CloudEvents source of its events. */
  readonly source: string;
  readonly maps: readonly SourceMap[];
  readonly zone: string | null;
  /** How far ahead of its receipt a fact may claim to be before it is flagged. */
  readonly skewMs: number;
  readonly heartbeat: {
    readonly withinMs: number;
    readonly by: readonly string[] | null;
    /** Name of a calendar of the active set: silence counts only while it is open; null, or no such calendar: always. */
    readonly during: string | null;
  } | null;
}

const duration = z
  .string()
  .refine((text) => (parseDurationMs(text) ?? 0) > 0, 'an ISO 8601 duration such as PT10M was expected');
const heartbeat = z.strictObject({
  within: duration,
  by: z
    .string()
    .regex(/^event(\.[A-Za-z_]\w*)+$/, 'a path such as event.data.office was expected')
    .optional(),
  during: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,59}$/, 'the name of a calendar was expected')
    .optional(),
});
const schema = z.strictObject({
  apiVersion: z.literal('makegood/v1'),
  kind: z.literal('Sources'),
  sources: z.array(
    z.strictObject({
      name: z.string().regex(/^[a-z][a-z0-9-]{0,59}$/, 'small letters, digits and hyphens, a letter first'),
      source: z.string().min(1).max(200),
      maps: z.array(z.string().min(1).max(200)).max(20).default([]),
      zone: z.string().refine(isTimeZone, 'a time zone of the tz database was expected, e.g. Europe/Berlin').optional(),
      skew: duration.default('PT2M'),
      heartbeat: heartbeat.optional(),
    }),
  ),
});

/**
 * Reads sources.yaml and the maps that it names, from `mapsDir`.
 * @throws FileError with every problem: code, place, nearest name.
 */
export function loadSources(file: SettingsFile | null, mapsDir: string | undefined): ReadonlyMap<string, KnownSource> {
  const known = new Map<string, KnownSource>();
  if (file === null) return known;
  const { value, problemAt } = readYaml(file.text, file.file, schema, 'SOURCES');
  for (const [i, entry] of value.sources.entries()) {
    const refuse = (field: string, detail: string): never => {
      throw new FileError([problemAt(['sources', i, field], { code: 'SOURCES_FIELD_INVALID', detail })]);
    };
    if (known.has(entry.name)) refuse('name', `\`${entry.name}\` is there twice`);
    const maps = entry.maps.map((name) => {
      const path = join(mapsDir ?? '', name);
      if (mapsDir === undefined || !existsSync(path))
        return refuse('maps', `the map ${path} was expected, there is no such file`);
      const map = loadMap(readFileSync(path, 'utf8'), path, entry.zone ? { timeZone: entry.zone } : {});
      return map.source === entry.source ? map : refuse('source', `the map ${name} is for \`${map.source}\``);
    });
    known.set(entry.name, {
      name: entry.name,
      source: entry.source,
      maps,
      zone: entry.zone ?? null,
      skewMs: parseDurationMs(entry.skew) as number,
      heartbeat: entry.heartbeat ? heartbeatOf(entry.heartbeat) : null,
    });
  }
  return known;
}

function heartbeatOf({ within, by, during }: z.infer<typeof heartbeat>): KnownSource['heartbeat'] {
  return {
    withinMs: parseDurationMs(within) as number,
    by: by ? by.split('.').slice(1) : null,
    during: during ?? null,
  };
}
