export { readSettings, type SettingsFile } from './settings-file.js';
export { ConfigError, readEnvironment, serviceEnvironment, type ServiceEnvironment } from './service-config.js';
