import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { TOPICS } from '#libs/contracts';
import { compensationIdOf } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { DATABASE, HttpProblem, type Caller } from '#libs/service';
import { lineView, type LineView, type LineWithPromise } from '../compensations/line-view.js';
import { LINES_OF_PROMISE } from '../compensations/sql.js';
import { LINE_COMMANDS } from '../decisions/line-command.js';
import { FIND_OUTCOME } from '../decisions/sql.js';
import { MoneyCommands } from './money-commands.js';

export interface LineCommand {
  readonly verb: keyof typeof LINE_COMMANDS;
  readonly lineId: string;
  readonly promiseId: string;
  /** What the verb needs besides. */
  readonly more: object;
}

/** A person's word about one line over HTTP: an event first, then what became of it. */
@Injectable()
export class LineCommands {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(MoneyCommands) private readonly commands: MoneyCommands,
  ) {}

  /**
   * The line as it is then; 202 with the event's id where that is not known within 5 s.
   * @throws HttpProblem 409 with the reason for which it was refused
   */
  async decide(
    { verb, lineId, promiseId, more }: LineCommand,
    key: string | undefined,
    caller: Caller,
    response: Response,
  ): Promise<LineView | { id: string }> {
    const id = key ?? randomUUID();
    await this.commands.send({
      id,
      type: LINE_COMMANDS[verb],
      topic: TOPICS.settlements,
      key: compensationIdOf(promiseId),
      actor: caller.keyId,
      data: { lineId, by: caller.keyId, ...more },
    });
    const outcome = await this.commands.untilKnown(async () => {
      const [row] = await this.database.query<{ outcome: string; detail: string | null }>(FIND_OUTCOME, [id]);
      return row ?? null;
    });
    response.status(outcome === null ? 202 : 200);
    if (outcome === null) return { id };
    if (outcome.outcome !== 'applied') {
      throw new HttpProblem(409, { code: outcome.outcome, detail: outcome.detail ?? 'the decision was refused' });
    }
    const lines = await this.database.query<LineWithPromise>(LINES_OF_PROMISE, [promiseId]);
    return lineView(lines.find((line) => line.lineId === lineId) as LineWithPromise);
  }
}
