export * from './adaptive-miss-rate.js';
export { checkCalibrationCases, type CalibrationCases, type CalibrationDifference } from './calibration-cases.js';
export * from './overpromise-report.js';
export { planPromise, type PlannedPromise } from './plan-promise.js';
export { promiseCost, type PromiseCost } from './promise-cost.js';
export { spokenStepMs } from './spoken-step.js';
export {
  advisePromise,
  historyNeeded,
  type AdvisedPromise,
  type PromiseBasis,
  type QuantileRequest,
} from './promise-quantile.js';
