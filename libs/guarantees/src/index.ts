export * from './guarantee.js';
export * from './holding.js';
export { compileGuarantees, type CompiledSet, type GuaranteeFile } from './compile/compile-guarantees.js';
export { guaranteeJsonSchema } from './compile/schema/guarantee-schema.js';
export { guaranteeInForce } from './version-in-force.js';
