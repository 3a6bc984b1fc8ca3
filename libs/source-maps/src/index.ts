export { loadMap, type LoadOptions } from './load-map.js';
export { quoted, RowError, RowExpressions, type RowExpression, type RowScope } from './row-expressions.js';
export { FileError, readYaml, refuse, type ReadFile } from './yaml-file.js';
export type { MappedRow, Row, SourceMap } from './source-map.js';
