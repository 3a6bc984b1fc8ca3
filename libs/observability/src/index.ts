export { createLogger, NestLogger, type Logger } from './logger.js';
export { returnMemoryAtRest } from './memory-at-rest.js';
export { counter, gauge, histogram, metricsRegistry } from './metrics.js';
export { startOtlpTracing } from './start-tracing.js';
export { traceRequests } from './trace-requests.js';
export {
  activeCause,
  activeTraceparent,
  causesOf,
  linkActive,
  traced,
  type Cause,
  type TracedWork,
} from './tracing.js';
