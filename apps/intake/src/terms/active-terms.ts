import { Inject, Injectable } from '@nestjs/common';
import { calendarOf, type CompiledCalendar, type WorkingCalendar } from '#libs/calendar';
import type { ActivatedFile } from '#libs/contracts';
import { compileGuarantees, EvaluationError, type FactView, type Opens } from '#libs/guarantees';
import type { Clock } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { CLOCK, DATABASE, loadTermsFiles, newestSet } from '#libs/service';

/** Another instance may have followed the control topic: what is active is asked for so often. */
const ASK_EVERY_MS = 1_000;

/**
 * What intake must know of the active set: whom its openings are promised to, since their events carry what is known of
 * these customers, and its calendars, since a source is silent only while somebody should be there.
 */
@Injectable()
export class ActiveTerms {
  private setHash: string | null = null;
  private byType = new Map<string, Opens[]>();
  private calendars = new Map<string, WorkingCalendar>();
  private askedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Asks what is active, once a second at most; without a database what was known goes on. */
  async refresh(): Promise<void> {
    const nowMs = this.clock.nowMs();
    if (Math.abs(nowMs - this.askedAtMs) < ASK_EVERY_MS) return;
    this.askedAtMs = nowMs;
    try {
      const set = await newestSet(this.database);
      if (set === null || set.setHash === this.setHash) return;
      const files = await loadTermsFiles(set.members, this.database);
      this.byType = openingsIn(files);
      this.calendars = calendarsIn(files);
      this.setHash = set.setHash;
    } catch {
      this.askedAtMs = Number.NEGATIVE_INFINITY;
    }
  }

  /** null: the active set has no calendar of this name. */
  calendar(name: string): WorkingCalendar | null {
    return this.calendars.get(name) ?? null;
  }

  opens(type: string): boolean {
    return this.byType.has(type);
  }

  /** Customers that the event opens promises to, in order of the guarantees; none where it cannot be read. */
  customersIn(fact: FactView): string[] {
    const found = new Set<string>();
    for (const { when, customer } of this.byType.get(fact.type) ?? []) {
      try {
        const name = when === null || when.evaluate(fact) ? (customer?.evaluate(fact) ?? null) : null;
        if (name !== null) found.add(name);
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error; // sla-timer will say what is wrong with it
      }
    }
    return [...found];
  }
}

function openingsIn(files: readonly ActivatedFile[]): Map<string, Opens[]> {
  const byType = new Map<string, Opens[]>();
  const { guarantees } = compileGuarantees(files);
  for (const { opens } of guarantees ?? [])
    if (opens.customer !== null) byType.set(opens.on, [...(byType.get(opens.on) ?? []), opens]);
  return byType;
}

function calendarsIn(files: readonly ActivatedFile[]): Map<string, WorkingCalendar> {
  return new Map(
    files.flatMap(({ kind, name, compiled }) =>
      kind === 'calendar' && compiled !== undefined
        ? [[name, calendarOf(JSON.parse(compiled) as CompiledCalendar)] as const]
        : [],
    ),
  );
}
