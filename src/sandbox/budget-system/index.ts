export { startSampleBudgetSystem } from './sample-budget-system.js';
export type {
  SampleBudgetSystem,
  SampleBudgetSystemOptions,
  SampleCondition,
  SampleFault,
} from './sample-budget-system.js';
export type { RegisteredFiling } from './register.js';
