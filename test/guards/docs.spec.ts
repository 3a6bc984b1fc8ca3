import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { filesBelow, readText, ROOT, sourcesBelow } from './source-files.js';

const PAGES = filesBelow('.', (path) => path.endsWith('.md'));

/** Targets of relative links in a page, from the project's root. */
function linkedFiles(page: string, text: string): string[] {
  const prose = text.replace(/```[\s\S]*?```/g, '');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => (match[1] as string).split('#')[0] as string);
  const relative = targets.filter((target) => target !== '' && !/^[a-z]+:/.test(target));
  return relative.map((target) => normalize(join(dirname(page), target)));
}

/** Commands in code (fenced or between backticks) that call `./makegood WORD`. */
function calledCommands(text: string): string[] {
  const code = text.match(/```[\s\S]*?```|`[^`\n]+`/g) ?? [];
  return code.flatMap((piece) =>
    [...piece.matchAll(/\.\/makegood ([a-z][a-z-]*)/g)].map((match) => match[1] as string),
  );
}

/** Names of commands that the command line defines, and those that ./makegood answers by itself. */
function knownCommands(): Set<string> {
  const cli = [...sourcesBelow('apps/cli').values()].join('\n');
  const defined = [...cli.matchAll(/(?:\.command|new Command)\(\s*'([a-z-]+)/g)].map((match) => match[1] as string);
  const byShell = ['test', 'check', 'bench', 'chaos'].filter((name) =>
    new RegExp(`^  (\\w+ \\| )*${name}( \\| \\w+)*\\)$`, 'm').test(readText('makegood')),
  );
  return new Set([...defined, ...byShell]);
}

/** Codes of problems and reasons of dead letters that a source gives. */
function givenCodes(text: string): string[] {
  const inPlace = [...text.matchAll(/\b(?:code|reason): [^\n;]*/g)].flatMap(
    (match) => match[0].match(/'[A-Z][A-Z0-9_]{3,}'/g) ?? [],
  );
  const ofLanguage = text.match(/'GUARANTEE_[A-Z_]+'/g) ?? [];
  return [...inPlace, ...ofLanguage].map((quoted) => quoted.slice(1, -1));
}

describe('the pages', () => {
  it('link only to files that are there', () => {
    const broken = PAGES.flatMap((page) => linkedFiles(page, readText(page)).map((target) => [page, target] as const));
    expect(broken.filter(([, target]) => !existsSync(join(ROOT, target)))).toEqual([]);
  });

  it('name only source files that are there', () => {
    const named = PAGES.flatMap((page) =>
      (readText(page).match(/\b(?:apps|libs)\/[\w./-]+\.ts\b/g) ?? []).map((path) => [page, path]),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(([, path]) => !existsSync(join(ROOT, path as string)))).toEqual([]);
  });

  it('name only commands that exist', () => {
    const known = knownCommands();
    const wrong = PAGES.flatMap((page) => calledCommands(readText(page)).map((name) => `${page}: ${name}`));
    expect([...new Set(wrong)].filter((line) => !known.has(line.split(': ')[1] as string))).toEqual([]);
  });

  it('name only tests that exist', () => {
    const named = [...readText('docs/invariants.md').matchAll(/`([^`]+\.spec\.ts)`/g)].map(
      (match) => match[1] as string,
    );
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('give each invariant an id of its own and a priority', () => {
    const rows = [...readText('docs/invariants.md').matchAll(/^\| `([^`]+)`\s*\| (\S+)\s*\|/gm)];
    expect(rows.length).toBeGreaterThan(30);
    expect(new Set(rows.map((row) => row[1])).size).toBe(rows.length);
    expect(rows.filter((row) => row[2] !== 'P0' && row[2] !== 'P1')).toEqual([]);
  });

  it('show the guarantee of the README as it ships', () => {
    expect(readText('README.md')).toContain(readText('guarantees/ems-express.yaml'));
  });

  it('list every decision in the index, with its number, and each says what was rejected', () => {
    const decisions = filesBelow('docs/adr', (path) => !path.endsWith('README.md'));
    expect([...new Set(linkedFiles('docs/adr/README.md', readText('docs/adr/README.md')))].sort()).toEqual(decisions);
    for (const path of decisions) {
      for (const part of ['**Status:**', '## Context', '## Decision', '## Consequences', '## Options rejected']) {
        expect([path, readText(path).includes(part)]).toEqual([path, true]);
      }
    }
  });

  it('explain every error code once, under a heading that docUrl leads to, and none that is gone', () => {
    const product = [...sourcesBelow('apps', 'libs')]
      .filter(([path]) => !path.endsWith('.spec.ts'))
      .map(([, text]) => text);
    const explained = [...readText('docs/errors.md').matchAll(/^### (\w+)$/gm)].map((match) => match[1] as string);
    expect(explained.length).toBe(new Set(explained).size);
    expect([...new Set(product.flatMap(givenCodes))].filter((code) => !explained.includes(code)).sort()).toEqual([]);
    expect(explained.filter((code) => !product.some((text) => new RegExp(`\\b${code}\\b`).test(text)))).toEqual([]);
  });

  it('finds what is planted', () => {
    expect(
      givenCodes("code: a ? 'KEY_MISSING' : 'KEY_UNKNOWN',\nreport('GUARANTEE_X'); const c = 'NO_COLOR';"),
    ).toEqual(['KEY_MISSING', 'KEY_UNKNOWN', 'GUARANTEE_X']);
    expect(linkedFiles('docs/a.md', '[x](gone.md#part) [y](https://example.org/a.md) [z](../b.md)')).toEqual([
      'docs/gone.md',
      'b.md',
    ]);
    expect(calledCommands('./makegood prose `./makegood one --json`\n```sh\n./makegood two\n```')).toEqual([
      'one',
      'two',
    ]);
    expect(knownCommands().has('up')).toBe(true);
    expect(knownCommands().has('no-such-command')).toBe(false);
  });
});
