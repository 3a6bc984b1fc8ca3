export { databaseUrls, type DatabaseGroup } from './database-urls.js';
export { readSettings, type SettingsFile } from './settings-file.js';
export { ConfigError, readEnvironment, serviceEnvironment, type ServiceEnvironment } from './service-config.js';
