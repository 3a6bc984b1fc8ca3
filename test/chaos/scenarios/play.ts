import type { Terminal } from '../../../apps/cli/src/terminal/terminal.js';
import type { ServiceName } from '../../../apps/cli/src/stack/ports.js';
import type { ChaosPromise, Telling } from '../load/promises.js';
import type { Inflicted, Outcome } from '../report/outcome.js';
import { clockText } from '../report/text.js';
import { Run } from '../run.js';
import { Stage } from '../stage/stage.js';

export interface ScenarioOptions {
  readonly seed: number;
  readonly dataDir: string | null;
}

/** What a scenario may do while its load goes on. */
export interface Scene {
  readonly stage: Stage;
  readonly run: Run;
  /** Says and records what is done, for as long as it takes. */
  act(words: string, doing: () => Promise<void>): Promise<void>;
  /** Something that must be so besides what the oracle counts. */
  must(holds: boolean, otherwise: string): void;
  /** A figure for the report, one sentence. */
  note(text: string): void;
}

export interface Script {
  readonly title: string;
  readonly instances: Readonly<Record<ServiceName, number>>;
  readonly promises: (startMs: number) => readonly ChaosPromise[];
  readonly tellings?: (promises: readonly ChaosPromise[]) => readonly Telling[];
  readonly payWithinMs?: number;
  /** Dead letters that must be there: every other one is a violation. */
  readonly expectsLetter?: (text: string) => boolean;
  readonly play: (scene: Scene) => Promise<void>;
}

export const TWO_OF_EACH: Script['instances'] = { intake: 2, 'sla-timer': 2, compensation: 2, loyalty: 2 };

/** Stage up, load on, the script's acts, rest, count. */
export async function playScript(script: Script, options: ScenarioOptions, terminal: Terminal): Promise<Outcome> {
  const { instances, title } = script;
  const onStep = (text: string): void => terminal.note(`  ✓ ${text}`);
  const stage = await Stage.open({ instances, dataDir: options.dataDir, smallDisk: false, onStep });
  try {
    const startMs = Date.now() + 1_000;
    const promises = script.promises(startMs);
    const tellings = script.tellings?.(promises);
    const run = new Run(stage, options.seed, promises, {
      ...(tellings ? { tellings } : {}),
      ...(script.payWithinMs === undefined ? {} : { payWithinMs: script.payWithinMs }),
      ...(script.expectsLetter === undefined ? {} : { expectsLetter: script.expectsLetter }),
    });
    const done: Inflicted[] = [];
    const [failed, notes]: [string[], string[]] = [[], []];
    terminal.note(`  ${promises.length} promises, ${run.toTell} tellings`);
    run.begin();
    await script.play({
      stage,
      run,
      act: async (words, doing) => {
        const fromMs = Date.now() - startMs;
        terminal.note(`  ${clockText(fromMs)}  ${words}`);
        await doing();
        done.push({ fault: { kind: 'scenario', words }, fromMs, toMs: Date.now() - startMs });
      },
      must: (holds, otherwise) => void (holds || failed.push(otherwise)),
      note: (text) => void notes.push(text),
    });
    const restedFromMs = Date.now();
    const atRest = await run.rest((text) => terminal.progress(`  ${clockText(Date.now() - startMs)}  ${text}`));
    const restMs = Date.now() - restedFromMs;
    const counted = await run.count([...failed, ...atRest]);
    const { samples, peakMib } = run.watch;
    const minutes = Math.round((Date.now() - startMs) / 6_000) / 10;
    const { seed } = options;
    return {
      title,
      seed,
      minutes,
      faults: done,
      counted,
      samples,
      peakMib,
      answers: run.sender.answers,
      restMs,
      notes,
    };
  } finally {
    await stage.close();
  }
}
