export { formatApiKey, hashSecret, newApiKey, parseApiKey, secretMatches, type ApiKeyText } from './api-key.js';
