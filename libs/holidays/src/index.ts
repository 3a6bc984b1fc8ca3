export * from './public-holidays.js';
export * from './host-sources.js';
