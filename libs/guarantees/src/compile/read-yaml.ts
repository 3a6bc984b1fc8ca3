import { isAlias, isMap, parseAllDocuments, visit, type Document, type YAMLMap } from 'yaml';
import type { SourceFile } from './source-file.js';
import { checkShape } from './check-shape.js';
import { wholeGuaranteeSchema } from './schema/guarantee-schema.js';

/** Longest guarantee file, in characters. */
export const FILE_CHARS_MAX = 100_000;

/** The file's mapping as YAML has it; null when problems were reported. Its shape is not checked yet. */
export function readYaml(source: SourceFile): YAMLMap | null {
  const { ownText: text, lineCounter } = source;
  if (text.length > FILE_CHARS_MAX) {
    const message = `the file has ${text.length} characters, at most ${FILE_CHARS_MAX} are allowed`;
    source.report('GUARANTEE_TOO_LONG', message, 'One file holds one guarantee.', 0);
    return null;
  }
  const documents = parseAllDocuments(text, { lineCounter, prettyErrors: false, uniqueKeys: true });
  if (!Array.isArray(documents) || documents.length === 0) {
    source.report('GUARANTEE_EMPTY', 'the file holds no guarantee', 'Begin with `apiVersion: makegood/v1`.', 0);
    return null;
  }
  const [document, second] = documents;
  if (document === undefined) return null;
  for (const error of [...document.errors, ...document.warnings]) {
    const isDuplicate = error.code === 'DUPLICATE_KEY';
    const code = isDuplicate ? 'GUARANTEE_DUPLICATE_FIELD' : 'GUARANTEE_YAML_INVALID';
    const message = isDuplicate ? 'the field stands here a second time' : `the file is no valid YAML: ${error.message}`;
    source.report(code, message, isDuplicate ? 'Keep one of the two.' : yamlAdvice(error.code), error.pos[0]);
  }
  if (second !== undefined) {
    const message = 'the file holds more than one document';
    source.report('GUARANTEE_YAML_INVALID', message, 'One file holds one guarantee.', second.range[0]);
  }
  refuseAnchors(source, document);
  if (source.problems.length > 0) return null;
  internTexts(document);
  if (isMap(document.contents)) return document.contents;
  checkShape(source, document.contents, wholeGuaranteeSchema, '', 0);
  return null;
}

function refuseAnchors(source: SourceFile, document: Document.Parsed): void {
  visit(document, {
    Node: (_key, node) => {
      if (!isAlias(node) && !node.anchor) return;
      const message = 'anchors and aliases are no part of the language';
      const advice = 'Write the value out: whoever reads a term should see it.';
      source.report('GUARANTEE_YAML_INVALID', message, advice, node.range?.[0] ?? 0);
    },
  });
}

/**
 * Texts that the parser cut out of the file are compared letter by letter, through slow code; the one that the engine
 * keeps of each text by its address. Types of events and names stand in the way of every fact.
 */
function internTexts(document: Document.Parsed): void {
  visit(document, {
    Scalar: (_key, scalar) => {
      if (typeof scalar.value === 'string') scalar.value = Object.keys({ [scalar.value]: null })[0];
    },
  });
}

function yamlAdvice(code: string): string {
  if (code === 'TAG_RESOLVE_FAILED') return 'An expression that begins with ! stands in quotes.';
  if (code === 'TAB_AS_INDENT') return 'Indent with spaces.';
  if (code === 'BAD_INDENT' || code === 'MISSING_CHAR')
    return 'Check the indentation and the closing quotes and braces.';
  return 'An expression with ": ", "#", or, within braces, a comma or brace stands in single quotes.';
}
