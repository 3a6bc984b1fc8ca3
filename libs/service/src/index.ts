export { CallerOf, Roles } from './auth.js';
export { CONTROL_TABLES } from './control-tables.js';
export { HEALTH_DETAIL, READINESS, type HealthDetail, type Readiness } from './house-keeping.controller.js';
export { HttpProblem } from './http-problem.js';
export { KIT_MIGRATIONS } from './kit-migrations.js';
export { KitModule, shardLogProvider } from './kit.module.js';
export type { Caller } from './key-store.js';
export { runService } from './run-service.js';
export { AS_OF_ONE_MOMENT, SELF_CHECK, type CheckedPage, type Finding, type SelfCheck } from './self-check.js';
export { SelfCheckController, selfCheckRunnerProvider } from './self-check.controller.js';
export { serviceMain } from './service-main.js';
export type { ServiceOptions } from './service-options.js';
export { loadTermsFiles, newestSet, saveTermsFiles } from './terms-files.js';
export {
  CLOCK,
  DATABASE,
  DATABASES,
  KAFKA,
  LOG_READER,
  LOGGER,
  PRODUCER,
  SERVICE_OPTIONS,
  SHARD_PROCESSOR,
} from './tokens.js';
