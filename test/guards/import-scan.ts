import ts from 'typescript';

/** One import of a file, in whatever form it is written. */
export interface FoundImport {
  /** As written; `<computed>` where it is no literal and so cannot be judged. */
  readonly specifier: string;
  /** Erased when compiled: `import type`, only `type` names, or a type query `import('x').T`. */
  readonly typeOnly: boolean;
  /** Names taken; `*` for a namespace, `default`, and nothing for an import of side effects. */
  readonly names: readonly string[];
  readonly line: number;
}

export const COMPUTED = '<computed>';

/** All imports of a TypeScript source: import, export … from, import(), require(), import x = require(), import('x').T. */
export function importsOf(path: string, text: string): FoundImport[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
  const found: FoundImport[] = [];
  const add = (at: ts.Node, specifier: ts.Node | undefined, typeOnly: boolean, names: readonly string[]): void => {
    const line = source.getLineAndCharacterOfPosition(at.getStart(source)).line + 1;
    const literal = specifier && ts.isStringLiteralLike(specifier) ? specifier.text : COMPUTED;
    found.push({ specifier: literal, typeOnly, names, line });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node, node.moduleSpecifier, isTypeOnlyImport(node.importClause), importedNames(node.importClause));
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
      add(node, node.moduleSpecifier, node.isTypeOnly, reexportedNames(node));
    } else if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
      add(node, node.moduleReference.expression, node.isTypeOnly, ['*']);
    } else if (ts.isCallExpression(node) && isLoader(node.expression)) {
      add(node, node.arguments[0], false, ['*']);
    } else if (ts.isImportTypeNode(node)) {
      const argument = ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
      add(node, argument, true, node.qualifier ? [leftmost(node.qualifier)] : ['*']);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isLoader(callee: ts.Expression): boolean {
  return callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require');
}

function isTypeOnlyImport(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  if (clause.name || !bindings || !ts.isNamedImports(bindings)) return false;
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly);
}

function importedNames(clause: ts.ImportClause | undefined): string[] {
  if (!clause) return [];
  const names = clause.name ? ['default'] : [];
  const bindings = clause.namedBindings;
  if (bindings && ts.isNamespaceImport(bindings)) names.push('*');
  if (bindings && ts.isNamedImports(bindings)) {
    for (const element of bindings.elements) names.push((element.propertyName ?? element.name).text);
  }
  return names;
}

function reexportedNames(node: ts.ExportDeclaration): string[] {
  if (!node.exportClause || !ts.isNamedExports(node.exportClause)) return ['*'];
  return node.exportClause.elements.map((element) => (element.propertyName ?? element.name).text);
}

function leftmost(name: ts.EntityName): string {
  return ts.isIdentifier(name) ? name.text : leftmost(name.left);
}

/** Path of the file that a relative import means (`./x.js` is written for `./x.ts`), from the project's root. */
export function resolveRelative(fromPath: string, specifier: string): string {
  const parts = fromPath.split('/').slice(0, -1);
  for (const step of specifier.split('/')) {
    if (step === '..') {
      if (parts.length === 0) return `../${specifier}`;
      parts.pop();
    } else if (step !== '.') parts.push(step);
  }
  return parts.join('/').replace(/\.js$/, '.ts');
}
