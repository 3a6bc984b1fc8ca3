import type { ActivatedFile } from '#libs/contracts';
import type { Sql } from '#libs/persistence';

const SAVE_FILES = `
insert into guarantee_file (kind, name, version, file, text, hash, compiled)
select * from unnest($1::text[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[])
on conflict do nothing`;
const LOAD_FILES = `
select kind, name, version, file, text, hash, compiled from guarantee_file where hash = any($1::text[])`;
const LOAD_NEWEST_SET = `
select set_hash as "setHash", members from guarantee_set order by control_offset desc limit 1`;

/** Keeps files of activated sets, each once whatever set it comes with. */
export async function saveTermsFiles(files: readonly ActivatedFile[], sql: Sql): Promise<void> {
  const column = <K extends keyof ActivatedFile>(key: K): ActivatedFile[K][] => files.map((file) => file[key]);
  const compiled = files.map((file) => file.compiled ?? null);
  const columns = [column('kind'), column('name'), column('version'), column('file'), column('text'), column('hash')];
  await sql.query(SAVE_FILES, [...columns, compiled]);
}

/** The files with these hashes, in order of kind, name and version. */
export async function loadTermsFiles(hashes: readonly string[], sql: Sql): Promise<ActivatedFile[]> {
  const rows = await sql.query<Omit<ActivatedFile, 'compiled'> & { compiled: string | null }>(LOAD_FILES, [hashes]);
  return rows
    .map(({ compiled, ...file }) => (compiled === null ? file : { ...file, compiled }))
    .sort((a, b) => compare(a.kind, b.kind) || compare(a.name, b.name) || a.version - b.version);
}

/** The set that the control topic activated last, as far as this service has read it; null before the first. */
export async function newestSet(sql: Sql): Promise<{ readonly setHash: string; readonly members: string[] } | null> {
  const [row] = await sql.query<{ setHash: string; members: string }>(LOAD_NEWEST_SET);
  return row ? { setHash: row.setHash, members: JSON.parse(row.members) as string[] } : null;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
