export { customerOf, loadSignals, modelEventsOf, type SignalRule, type Signals } from './load-signals.js';
export { SignalError } from './model-recipe.js';
export type { ContactSettings, ModelSettings } from './model-settings.js';
