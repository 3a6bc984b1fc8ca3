import { isAlias, isMap, parseAllDocuments, visit, type YAMLMap } from 'yaml';
import type { SourceFile } from './source-file.js';
import { checkShape } from './check-shape.js';
import { guaranteeJsonSchema } from './schema/guarantee-schema.js';

/** Longest guarantee file, in characters. */
export const FILE_CHARS_MAX = 100_000;

/** The file's mapping when it has the shape of a guarantee; null when problems were reported. */
export function readGuaranteeYaml(source: SourceFile): YAMLMap | null {
  const { text, lineCounter } = source;
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
    source.report(
      'GUARANTEE_YAML_INVALID',
      'the file holds more than one document',
      'One file holds one guarantee.',
      second.range[0],
    );
  }
  visit(document, {
    Node: (_key, node) => {
      if (!isAlias(node) && !node.anchor) return;
      const advice = 'Write the value out: whoever reads a term should see it.';
      source.report(
        'GUARANTEE_YAML_INVALID',
        'anchors and aliases are no part of the language',
        advice,
        node.range?.[0] ?? 0,
      );
    },
  });
  if (source.problems.length > 0) return null;
  checkShape(source, document.contents, guaranteeJsonSchema, '', 0);
  return source.problems.length === 0 && isMap(document.contents) ? document.contents : null;
}

function yamlAdvice(code: string): string {
  if (code === 'TAG_RESOLVE_FAILED') return 'An expression that begins with ! stands in quotes.';
  if (code === 'TAB_AS_INDENT') return 'Indent with spaces.';
  if (code === 'BAD_INDENT' || code === 'MISSING_CHAR')
    return 'Check the indentation and the closing quotes and braces.';
  return 'An expression with ": ", "#", or, within braces, a comma or brace stands in single quotes.';
}
