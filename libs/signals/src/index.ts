export { customerOf, loadSignals, modelEventsOf, type SignalRule, type Signals } from './load-signals.js';
export { SignalError } from './model-recipe.js';
export { DEFAULT_SETTINGS, type ContactSettings, type ModelSettings } from './model-settings.js';
