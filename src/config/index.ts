export { loadConfig } from './config.js';
export type { BudgetSystemConfig, Config, ConfigSources } from './config.js';
export { readEnv } from './env.js';
export type { Environment } from './env.js';
export { namedSettings } from './settings.js';
export type { NamedSetting } from './settings.js';
export { settingsTable } from './settings-table.js';
