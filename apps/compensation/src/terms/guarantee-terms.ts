import { compileGuarantees, type Guarantee } from '#libs/guarantees';
import { ProblemError } from '#libs/kernel';
import type { Sql } from '#libs/persistence';
import { loadTermsFiles } from '#libs/service';

const LOAD_FILE = `
select file, text from guarantee_file where kind = 'guarantee' and name = $1 and version = $2`;
/** The calendars, tables and zones that it stands on are those of a set that it was activated with. */
const LOAD_SET = `
select s.members from guarantee_file f join guarantee_set s on s.members::jsonb ? f.hash
where f.kind = 'guarantee' and f.name = $1 and f.version = $2 order by s.control_offset desc limit 1`;

/**
 * The terms that promises name, as the control topic brought them. A version never changes, so what is compiled once
 * stays true.
 */
export class GuaranteeTerms {
  private readonly compiled = new Map<string, Guarantee>();

  /** @throws ProblemError GUARANTEE_NOT_YET_KNOWN (retryable): the control topic is behind, the batch waits for it. */
  async find(name: string, version: number, sql: Sql): Promise<Guarantee> {
    const key = `${name}@${version}`;
    const known = this.compiled.get(key);
    if (known) return known;
    const [row] = await sql.query<{ file: string; text: string }>(LOAD_FILE, [name, version]);
    if (!row) {
      const detail = `guarantee ${name} version ${version} has not come by the control topic yet`;
      throw new ProblemError({ code: 'GUARANTEE_NOT_YET_KNOWN', detail }, true);
    }
    const [set] = await sql.query<{ members: string }>(LOAD_SET, [name, version]);
    const files = set ? await loadTermsFiles(JSON.parse(set.members) as string[], sql) : [row];
    const { guarantees, problems } = compileGuarantees(files);
    const guarantee = guarantees?.find((each) => each.name === name && each.version === version);
    if (!guarantee) {
      throw new ProblemError({
        code: 'GUARANTEE_INVALID',
        detail: `${row.file}: ${problems?.[0]?.detail ?? 'is empty'}`,
      });
    }
    this.compiled.set(key, guarantee);
    return guarantee;
  }
}
