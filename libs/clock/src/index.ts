export { scheduleTimer, SystemClock } from './system-clock.js';
