import type { BuyTillYouDieParameters } from '#libs/loyalty-model';
import { findStack } from '../stack/client.js';
import type { Terminal } from '../terminal/terminal.js';
import type { StackOptions } from './backtest.js';

interface Model {
  readonly ruleset: string;
  readonly appliedSince: string | null;
  readonly refit: 'propose' | 'apply';
  readonly rules: { readonly behaviour: { readonly purchasing: BuyTillYouDieParameters } };
  readonly purchasingFit: {
    readonly day: string;
    readonly customers: number;
    readonly repeaters: number;
    readonly parameters: BuyTillYouDieParameters;
  } | null;
}

/** `loyalty model`: the rules in force and the last nightly fit. */
export async function showModel(options: StackOptions, terminal: Terminal): Promise<void> {
  const model = await findStack(options).get<Model>('loyalty', '/model');
  if (options.json) terminal.json(model);
  else for (const line of modelText(model)) terminal.line(line);
}

/** `loyalty apply`: the last fit is put into force under a name, through the log. */
export async function applyFit(
  options: StackOptions & { readonly ruleset: string; readonly reason: string },
  terminal: Terminal,
): Promise<void> {
  const { ruleset, reason } = options;
  const told = await findStack(options).post<{ time: string; purchasing: BuyTillYouDieParameters }>(
    'loyalty',
    '/model/apply',
    {
      ruleset,
      reason,
    },
  );
  if (options.json) return terminal.json(told);
  terminal.line(`✓ ruleset ${ruleset} from ${told.time} on: ${parametersText(told.purchasing)}`);
}

/** `loyalty withdraw`: back to what signals.yaml says. */
export async function withdrawFit(
  options: StackOptions & { readonly reason: string },
  terminal: Terminal,
): Promise<void> {
  const { reason } = options;
  const told = await findStack(options).post<{ time: string }>('loyalty', '/model/withdraw', { reason });
  if (options.json) return terminal.json(told);
  terminal.line(`✓ the rules of signals.yaml from ${told.time} on`);
}

function modelText({ ruleset, appliedSince, refit, rules, purchasingFit: fit }: Model): string[] {
  const since = appliedSince === null ? 'as signals.yaml says' : `put into force ${appliedSince}`;
  const lines = [`Ruleset ${ruleset}, ${since}: ${parametersText(rules.behaviour.purchasing)}`];
  if (!fit) return [...lines, 'No fit yet: that takes 200 customers, 50 of them with a second order.'];
  const { day, customers, repeaters, parameters } = fit;
  lines.push(
    `Fit of ${day.slice(0, 10)}: ${parametersText(parameters)} (${customers} customers, ${repeaters} repeaters)`,
  );
  if (refit === 'apply') return [...lines, 'Each new fit is put into force (model.refit in signals.yaml).'];
  return [...lines, '→ ./makegood loyalty apply --ruleset NAME --reason WHY puts it into force'];
}

function parametersText({ r, alpha, a, b }: BuyTillYouDieParameters): string {
  return `r ${r.toFixed(3)}, α ${alpha.toFixed(3)}, a ${a.toFixed(3)}, b ${b.toFixed(3)}`;
}
