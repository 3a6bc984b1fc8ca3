export * from './bg-nbd.js';
export { fitBg, fitMbg, isEnoughToFit, totalLogLikelihood, weighted, type Fit, type WeightedHistory } from './fit.js';
export * from './gamma-gamma.js';
export {
  mbgAlive,
  MBG_LIKELIHOOD,
  type BuyTillYouDieParameters,
  type LogLikelihood,
  type PurchaseHistory,
} from './mbg-nbd.js';
