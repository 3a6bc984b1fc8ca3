export * from './clock.js';
export * from './ids.js';
export * from './instant.js';
export * from './money.js';
export * from './problem.js';
