export * from './compiled-calendar.js';
export * from './intervals.js';
export * from './local-day.js';
export * from './local-text.js';
export * from './working-calendar.js';
export * from './zone-offsets.js';
export * from './working-calendar.js';
