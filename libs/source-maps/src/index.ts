export { loadMap, type LoadOptions } from './load-map.js';
export { FileError, readYaml } from './yaml-file.js';
export type { MappedRow, Row, SourceMap } from './source-map.js';
