import { createHash } from 'node:crypto';
import {
  ALL_DAY,
  calendarOf,
  compileCalendar,
  compileZone,
  isTimeZone,
  weekOf,
  zoneOf,
  type CompiledCalendar,
  type CompiledZone,
  type HolidaySources,
  type WorkingCalendar,
  type Zone,
} from '#libs/calendar';
import type { ActivatedFile } from '#libs/contracts';
import type { Problem } from '#libs/kernel';
import type { Table } from '../../expressions/tables.js';
import { compileTable } from './compile-table.js';

/** What a member of a set is; a guarantee if not said. */
export type TermsKind = ActivatedFile['kind'];

/** One file of a set: `file` is the name that its author knows it by, e.g. `guarantees/ems-express.yaml`. */
export interface TermsFile {
  readonly kind?: TermsKind;
  readonly file: string;
  readonly text: string;
  /** Calendars and zones as they were compiled when activated (JSON): then the host's tz data is not asked. */
  readonly compiled?: string | undefined;
}

/**
 * What calendars are compiled from beside their text, asked of the host once, when a set is activated: from then on
 * what was compiled travels with the set.
 */
export interface CompileSources extends HolidaySources {
  /** The host's version of the tz data (`process.versions.tz`), kept for the record. */
  readonly tzVersion?: string;
}

const UNKNOWN = 'unknown';

/** The calendars, zones and tables that the guarantees of a set can use. */
export class SetTerms {
  readonly problems: Problem[] = [];
  readonly calendars = new Map<string, WorkingCalendar>();
  readonly tables = new Map<string, Table>();
  /** Calendars and tables as members of the set. */
  readonly members: ActivatedFile[] = [];
  private readonly holidays = new Map<string, string>();
  private readonly zones = new Map<string, Zone>();
  private readonly compiledZones = new Map<string, CompiledZone>();

  constructor(private readonly sources: CompileSources) {}

  /** Takes the members that are no guarantees; holidays first, since calendars name them. */
  takeAll(files: readonly TermsFile[]): void {
    const [holidays, others] = [
      files.filter(({ kind }) => kind === 'holidays'),
      files.filter(({ kind }) => kind !== 'holidays'),
    ];
    for (const file of [...holidays, ...others])
      if (file.kind !== undefined && file.kind !== 'guarantee') this.take(file);
  }

  private take({ kind, file, text, compiled }: TermsFile): void {
    if (kind === 'holidays') return this.takeHolidays(file, text);
    if (kind === 'zone') return this.takeZone(file, compiled ?? text);
    if (kind === 'calendar') return this.takeCalendar(file, text, compiled);
    const result = compileTable(file, text);
    if ('problems' in result) this.problems.push(...result.problems);
    else if (this.tables.has(result.table.name)) this.twice(file, `table \`${result.table.name}\``);
    else {
      const { name, hash } = result.table;
      this.tables.set(name, result.table);
      this.members.push({ kind: 'table', name, version: 0, file, text, hash });
    }
  }

  knowsZone(name: string): boolean {
    return this.compiledZones.has(name) || isTimeZone(name);
  }

  zone(name: string): Zone {
    const known = this.zones.get(name);
    if (known !== undefined) return known;
    const compiled = this.compiledZones.get(name) ?? compileZone(name, this.sources.tzVersion ?? UNKNOWN);
    this.compiledZones.set(name, compiled);
    const zone = zoneOf(compiled);
    this.zones.set(name, zone);
    return zone;
  }

  /** Monday to Friday, whole days, in a zone: what working days are where a guarantee names no calendar. */
  weekdays(zone: string): WorkingCalendar {
    const { hash } = this.zone(zone);
    const { transitions, tzVersion } = this.compiledZones.get(zone) as CompiledZone;
    const weeks = [{ days: weekOf([{ weekdays: [0, 1, 2, 3, 4], windows: ALL_DAY }]) }];
    return calendarOf({ name: 'weekdays', hash, zone, tzVersion, transitions, weeks, holidays: [] });
  }

  /** A zone as a member of the set: engines compute from what stands in the log. */
  zoneMember(name: string): ActivatedFile {
    const { hash } = this.zone(name);
    const compiled = JSON.stringify(this.compiledZones.get(name));
    return { kind: 'zone', name, version: 0, file: `zones/${name}`, text: '', hash, compiled };
  }

  private takeHolidays(file: string, text: string): void {
    this.holidays.set(file, text);
    const hash = createHash('sha256').update(text, 'utf8').digest('hex');
    this.members.push({ kind: 'holidays', name: file, version: 0, file, text, hash });
  }

  /** A calendar names files beside it; those of the set come first. */
  private holidaySources(calendar: string): HolidaySources {
    const folder = calendar.slice(0, calendar.lastIndexOf('/') + 1);
    const { publicHolidays, readText } = this.sources;
    return {
      ...(publicHolidays === undefined ? {} : { publicHolidays }),
      readText: (path) => this.holidays.get(`${folder}${path.replace(/^\.\//, '')}`) ?? readText?.(path) ?? null,
    };
  }

  private takeZone(file: string, compiled: string): void {
    const zone = JSON.parse(compiled) as CompiledZone;
    if (this.compiledZones.has(zone.name)) return this.twice(file, `zone \`${zone.name}\``);
    this.compiledZones.set(zone.name, zone);
  }

  private takeCalendar(file: string, text: string, given: string | undefined): void {
    const result =
      given === undefined
        ? compileCalendar(file, text, this.sources.tzVersion ?? UNKNOWN, this.holidaySources(file))
        : { calendar: JSON.parse(given) as CompiledCalendar };
    if ('problems' in result) {
      this.problems.push(...result.problems);
      return;
    }
    const { name, hash } = result.calendar;
    if (this.calendars.has(name)) return this.twice(file, `calendar \`${name}\``);
    this.calendars.set(name, calendarOf(result.calendar));
    const compiled = given ?? JSON.stringify(result.calendar);
    this.members.push({ kind: 'calendar', name, version: 0, file, text, hash, compiled });
  }

  private twice(file: string, what: string): void {
    const detail = `${what} is in the set already`;
    const advice = 'Give it a name of its own, or take one of the two files out.';
    this.problems.push({ code: 'GUARANTEE_DUPLICATE_NAME', detail, advice, at: { file, line: 1, column: 1 } });
  }
}
