import type { Problem } from '#libs/kernel';

/** The text of one calendar file, and the problems found in it. */
export class SourceText {
  readonly problems: Problem[] = [];

  constructor(
    readonly file: string,
    readonly text: string,
  ) {}

  /** Tells a problem with its source line and a mark below the place. */
  report(code: string, message: string, advice: string, offset: number): void {
    const before = this.text.slice(0, offset).split('\n');
    const [line, column] = [before.length, (before.at(-1) ?? '').length + 1];
    const margin = `  ${line} | `;
    const sourceLine = (this.text.split('\n')[line - 1] ?? '').trimEnd();
    const detail = `${message}\n${margin}${sourceLine}\n${' '.repeat(margin.length + column - 1)}^`;
    this.problems.push({ code, detail, advice, at: { file: this.file, line, column } });
  }
}
