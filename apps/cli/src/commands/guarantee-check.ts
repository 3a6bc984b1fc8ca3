import { compileGuarantees } from '#libs/guarantees';
import { hostSources } from '#libs/holidays';
import type { Problem } from '#libs/kernel';
import { problemText } from '../errors.js';
import { readTermsFile } from '../stack/guarantee-set.js';
import { count } from '../terminal/layout.js';
import type { Terminal } from '../terminal/terminal.js';

/**
 * `guarantee check FILE…`: compiles guarantees, calendars (YAML, iCalendar) and tables (CSV) as one set; says what is
 * wrong with place, source line and advice. @returns exit code
 */
export async function checkGuarantees(
  files: readonly string[],
  options: { readonly json?: boolean },
  terminal: Terminal,
): Promise<number> {
  const sources = files.map((file) => ({ ...readTermsFile(file), file }));
  const compiled = compileGuarantees(sources, await hostSources());
  const problems = compiled.problems ?? [];
  if (options.json) {
    terminal.json({ passed: problems.length === 0, problems });
  } else if (compiled.guarantees) {
    for (const { file, name, version, title } of compiled.guarantees)
      terminal.line(`✓ ${file}: ${name} v${version}, "${title}"`);
    for (const { kind, file, name } of compiled.files)
      if (kind === 'calendar' || kind === 'table') terminal.line(`✓ ${file}: ${kind} ${name}`);
  } else {
    for (const problem of problems) for (const line of problemLines(problem, sources)) terminal.line(line);
    terminal.line(
      `✗ ${count(problems.length)} ${problems.length === 1 ? 'problem' : 'problems'}: none of the files would be activated`,
    );
  }
  return problems.length === 0 ? 0 : 1;
}

/** The problem, and below it (unless it shows it itself) the line it is about with a mark under the column. */
export function problemLines(
  problem: Problem,
  sources: readonly { readonly file: string; readonly text: string }[],
): string[] {
  const { at } = problem;
  const line = at && sources.find(({ file }) => file === at.file)?.text.split('\n')[at.line - 1];
  if (!at || line === undefined || problem.detail.includes('\n')) return [problemText(problem)];
  const number = String(at.line);
  return [
    problemText(problem),
    `  ${number} | ${line}`,
    `  ${' '.repeat(number.length)} | ${' '.repeat(at.column - 1)}^`,
  ];
}
