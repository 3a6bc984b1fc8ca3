export { openDatabase, type Database, type DatabaseOptions, type Sql } from './database.js';
export { isInfrastructureError } from './infrastructure-error.js';
