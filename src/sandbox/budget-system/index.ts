export { startSampleBudgetSystem } from './sample-budget-system.js';
export type {
  SampleBudgetSystem,
  SampleBudgetSystemOptions,
  SampleFault,
} from './sample-budget-system.js';
export type { RegisteredFiling } from './register.js';
