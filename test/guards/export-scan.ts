import ts from 'typescript';
import { importsOf, resolveRelative } from './import-scan.js';

export interface FoundExport {
  readonly name: string;
  /** Interface or type alias: erased when compiled. */
  readonly typeOnly: boolean;
  readonly file: string;
}

/** Everything that can be imported from `file`, following `export … from` within `sources`. */
export function exportsOf(file: string, sources: ReadonlyMap<string, string>): FoundExport[] {
  const text = sources.get(file);
  if (text === undefined) return [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
  return source.statements.flatMap((statement): FoundExport[] => {
    if (ts.isExportDeclaration(statement)) return exportedFrom(file, statement, sources);
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    if (!modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)) return [];
    const typeOnly = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
    return declaredNames(statement).map((name) => ({ name, typeOnly, file }));
  });
}

function exportedFrom(file: string, statement: ts.ExportDeclaration, sources: ReadonlyMap<string, string>) {
  const specifier = statement.moduleSpecifier;
  const from = specifier && ts.isStringLiteral(specifier) ? resolveRelative(file, specifier.text) : null;
  const behind = from ? exportsOf(from, sources) : [];
  if (!statement.exportClause) return behind;
  if (!ts.isNamedExports(statement.exportClause)) return [];
  return statement.exportClause.elements.map((element): FoundExport => {
    const origin = behind.find((found) => found.name === (element.propertyName ?? element.name).text);
    const typeOnly = statement.isTypeOnly || element.isTypeOnly || (origin?.typeOnly ?? false);
    return { name: element.name.text, typeOnly, file: origin?.file ?? file };
  });
}

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap((one) => (ts.isIdentifier(one.name) ? [one.name.text] : []));
  }
  const { name } = statement as ts.Statement & { name?: ts.Identifier };
  return name ? [name.text] : [];
}

/**
 * Exports of library front doors that nothing outside their library takes. A type also counts as taken when another
 * declaration of its own library mentions it: it is then part of the shape of something that may be used. The types of
 * libs/contracts are the public vocabulary, whole from the start, whoever uses which word of it.
 * @returns `LIBRARY: NAME (file)`, sorted
 */
export function unusedExports(sources: ReadonlyMap<string, string>): string[] {
  const taken = new Map<string, Set<string>>();
  for (const [file, text] of sources) {
    for (const found of importsOf(file, text)) {
      const library = /^#libs\/([a-z-]+)$/.exec(found.specifier)?.[1];
      if (!library || file.startsWith(`libs/${library}/`)) continue;
      const names = taken.get(library) ?? new Set();
      for (const name of found.names) names.add(name);
      taken.set(library, names);
    }
  }
  const fronts = [...sources.keys()].filter((file) => /^libs\/[^/]+\/src\/index\.ts$/.test(file));
  return fronts.flatMap((front) => {
    const library = front.split('/')[1] as string;
    const names = taken.get(library) ?? new Set();
    if (names.has('*')) return [];
    return exportsOf(front, sources)
      .filter((found) => !names.has(found.name) && !(found.typeOnly && library === 'contracts'))
      .filter((found) => !(found.typeOnly && mentions(found, library, sources) > 1))
      .map((found) => `${library}: ${found.name} (${found.file})`);
  });
}

function mentions(found: FoundExport, library: string, sources: ReadonlyMap<string, string>): number {
  const word = new RegExp(`\\b${found.name}\\b`, 'g');
  let count = 0;
  for (const [file, text] of sources) {
    const counts = file.startsWith(`libs/${library}/`) && !file.endsWith('.spec.ts') && !file.endsWith('/index.ts');
    if (counts) count += withoutComments(file, text).match(word)?.length ?? 0;
  }
  return count;
}

function withoutComments(file: string, text: string): string {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
  return ts.createPrinter({ removeComments: true }).printFile(source);
}

/** Files of `sources` that no root leads to by imports of any form. */
export function unreachableFiles(
  sources: ReadonlyMap<string, string>,
  roots: readonly string[],
  targets: (from: string, specifier: string) => readonly string[],
): string[] {
  const reached = new Set<string>();
  const queue = [...roots];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    const text = sources.get(file);
    if (text === undefined || reached.has(file)) continue;
    reached.add(file);
    for (const found of importsOf(file, text)) queue.push(...targets(file, found.specifier));
  }
  return [...sources.keys()].filter((file) => !reached.has(file));
}
