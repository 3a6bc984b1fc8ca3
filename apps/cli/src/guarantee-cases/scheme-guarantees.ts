import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isScalar, parseDocument, visit } from 'yaml';
import { compileGuarantees, type Guarantee, type TermsFile } from '#libs/guarantees';
import { ProblemError } from '#libs/kernel';
import { PROJECT_ROOT } from '../stack/project.js';
import { compiledCaseCalendar } from './case-calendar.js';
import type { CaseCalendar } from './scheme-case.js';
import type { CalendarsByName } from './shipped-calendars.js';

/** Where a guarantee named by a case is looked for. */
const FOLDERS = ['guarantees', 'guarantees/schemes'];

/** The ready-made guarantees by name, each compiled once for each calendar that cases give it. */
export class SchemeGuarantees {
  private readonly compiled = new Map<string, Guarantee>();
  private readonly texts = new Map<string, { file: string; text: string }>();

  constructor(private readonly shipped: CalendarsByName) {}

  /** @throws ProblemError for a name without file, or a file with mistakes */
  find(name: string, calendar: CaseCalendar | null): Guarantee {
    const key = JSON.stringify([name, calendar]);
    const known = this.compiled.get(key);
    if (known !== undefined) return known;
    const source = this.read(name);
    const calendars = calendarsNamed(source.text).map((each) => this.calendarFile(each, calendar));
    const { guarantees, problems } = compileGuarantees([source, ...calendars]);
    const guarantee = guarantees?.find((each) => each.name === name);
    if (guarantee !== undefined) {
      this.compiled.set(key, guarantee);
      return guarantee;
    }
    const [problem] = problems ?? [];
    throw new ProblemError(problem ?? { code: 'GUARANTEE_INVALID', detail: `${source.file} is not called ${name}` });
  }

  /** The case's own calendar under this name, else the shipped one. */
  private calendarFile(name: string, given: CaseCalendar | null): TermsFile {
    const compiled = given === null ? this.shipped(name) : compiledCaseCalendar(given, name);
    return { kind: 'calendar', file: `calendars/${name}.yaml`, text: '', compiled: JSON.stringify(compiled) };
  }

  private read(name: string): { file: string; text: string } {
    const known = this.texts.get(name);
    if (known !== undefined) return known;
    const isName = /^[a-z0-9][a-z0-9-]*$/.test(name);
    const path = FOLDERS.map((folder) => join(PROJECT_ROOT, folder, `${name}.yaml`)).find(
      (each) => isName && existsSync(each),
    );
    if (path === undefined) {
      const detail = `a ready-made guarantee \`${name}\` → there is no ${name}.yaml in ${FOLDERS.join(' or ')}`;
      throw new ProblemError({ code: 'NO_GUARANTEES', detail, advice: 'Name one that is there, or add the file.' });
    }
    const source = { file: relative(PROJECT_ROOT, path), text: readFileSync(path, 'utf8') };
    this.texts.set(name, source);
    return source;
  }
}

/** The calendars that a guarantee asks for: the case's own stands in for each. */
function calendarsNamed(text: string): string[] {
  const names = new Set<string>();
  visit(parseDocument(text), {
    Pair(_, { key, value }) {
      if (isScalar(key) && key.value === 'calendar' && isScalar(value)) names.add(String(value.value));
    },
  });
  return [...names];
}
