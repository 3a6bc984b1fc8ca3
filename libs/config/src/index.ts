export { ConfigError, readEnvironment, serviceEnvironment, type ServiceEnvironment } from './service-config.js';
