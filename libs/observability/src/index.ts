export { createLogger, NestLogger, type Logger } from './logger.js';
export { counter, gauge, metricsRegistry } from './metrics.js';
export { scheduleTimer, SystemClock } from './system-clock.js';
