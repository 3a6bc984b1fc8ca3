export { createLogger, NestLogger, type Logger } from './logger.js';
export { counter, gauge, histogram, metricsRegistry } from './metrics.js';
export { scheduleTimer, SystemClock } from './system-clock.js';
