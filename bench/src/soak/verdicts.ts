/** What was told and is waited for, and what the waiting came to since the last sample. */
export class Verdicts {
  /** Of broken promises: when their allowance ends; of late facts: when they were written. */
  readonly breaches = new Map<string, number>();
  readonly facts = new Map<string, number>();
  private factMs: number[] = [];
  private breachMs: number[] = [];

  seen(kind: string, subject: string, atMs: number): void {
    const [waiting, into] = kind === 'breached' ? [this.breaches, this.breachMs] : [this.facts, this.factMs];
    if (kind !== 'breached' && kind !== 'completed-late') return;
    const sinceMs = waiting.get(subject);
    if (sinceMs === undefined) return; // told again
    waiting.delete(subject);
    into.push(Math.max(0, atMs - sinceMs));
  }

  /** What was seen since it was asked last. */
  take(): { factMs: number[]; breachMs: number[] } {
    const { factMs, breachMs } = this;
    [this.factMs, this.breachMs] = [[], []];
    return { factMs, breachMs };
  }
}
