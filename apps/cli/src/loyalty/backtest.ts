import { formatInstant } from '#libs/kernel';
import { msFromDays, type Backtest } from '#libs/loyalty-model';
import { findStack } from '../stack/client.js';
import { count, table } from '../terminal/layout.js';
import type { Terminal } from '../terminal/terminal.js';

export interface StackOptions {
  readonly dataDir?: string;
  readonly portBase?: number;
  readonly json?: boolean;
}

type Answer = Backtest & { readonly horizonDays: number; readonly cutoffDay: number; readonly withoutOrders: number };

/** `loyalty backtest`: what the model would have said a horizon ago, against what a stack's customers did since. */
export async function loyaltyBacktest(
  options: StackOptions & { readonly days?: string; readonly from?: string },
  terminal: Terminal,
): Promise<void> {
  const client = findStack(options);
  const { days = '90', from } = options;
  const query = new URLSearchParams({ days, ...(from === undefined ? {} : { from }) }).toString();
  const answer = await terminal.busy('reading customers', () => client.get<Answer>('loyalty', `/backtest?${query}`));
  if (options.json) terminal.json(answer);
  else for (const line of backtestText(answer)) terminal.line(line);
}

export function backtestText(answer: Answer): string[] {
  const { customers, churned, horizonDays, areaUnderCurve, scoreAreaUnderCurve } = answer;
  const share = customers === 0 ? 0 : churned / customers;
  const lines = [
    `As of ${formatInstant(msFromDays(answer.cutoffDay)).slice(0, 10)}: ${count(customers)} customers who had bought; ${count(churned)} (${percent(share)}) did not buy again within ${horizonDays} days.`,
    `Churn risk: AUC ${areaText(areaUnderCurve)}; score as a forecast of staying: AUC ${areaText(scoreAreaUnderCurve)} (0.5 is a guess).`,
    '',
  ];
  const calibration = answer.calibration.map(({ count: n, predicted, happened }, i) => [
    String(i + 1),
    count(n),
    percent(predicted),
    percent(happened),
  ]);
  lines.push(...table(['tenth', 'customers', 'predicted', 'left'], calibration), '');
  const lift = Object.entries(answer.lift).map(([name, value]) => [name, value === null ? '–' : value.toFixed(3)]);
  lines.push(...table(['component', 'lift (AUC lost without it)'], lift), '');
  const { suggestedWeights } = answer;
  if (suggestedWeights) {
    const weights = Object.entries(suggestedWeights).map(([name, weight]) => `${name}: ${weight.toFixed(2)}`);
    lines.push(`Weights that would have told best: { ${weights.join(', ')} } (model.rules.blend in signals.yaml)`);
  } else lines.push('Too few stayed or left to suggest weights (500 of each).');
  return lines;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function areaText(area: number | null): string {
  return area === null ? '– (all or none left)' : area.toFixed(3);
}
