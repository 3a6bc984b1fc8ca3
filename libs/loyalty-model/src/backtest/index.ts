export { backtest, type Backtest, type BacktestRow } from './backtest.js';
