export * from './local-day.js';
export * from './local-text.js';
export * from './zone-offsets.js';
export * from './working-calendar.js';
