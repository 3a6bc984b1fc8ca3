import { createHash, randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  CONTROL_TYPES,
  encodeCloudEvent,
  SOURCES,
  TOPICS,
  type ActivatedFile,
  type GuaranteesActivatedEvent,
} from '#libs/contracts';
import { compileGuarantees, kindOfTermsFile } from '#libs/guarantees';
import { hostSources } from '#libs/holidays';
import { formatInstant, type Clock } from '#libs/kernel';
import type { RecordProducer } from '#libs/messaging';
import type { Database } from '#libs/persistence';
import { CLOCK, DATABASE, HttpProblem, PRODUCER } from '#libs/service';

export interface Activation {
  readonly id: string;
  readonly setHash: string;
  /** False when the same set is active already: nothing was written. */
  readonly changed: boolean;
  /** False when the services have not confirmed it within the wait: it is in the log and will be. */
  readonly applied: boolean;
}

const NEWEST_SET = `select set_hash as "setHash" from guarantee_set order by control_offset desc limit 1`;
const FILES = `
select kind, name, version, file, text, hash from guarantee_file where kind = 'guarantee' order by name, version`;
const APPLIED_WAIT_MS = 5_000;

/** Activates sets of guarantees through the log: whole, or refused whole with every reason. */
@Injectable()
export class GuaranteeSets {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(PRODUCER) private readonly producer: RecordProducer,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Guarantees of every version ever activated. */
  known(): Promise<ActivatedFile[]> {
    return this.database.query<ActivatedFile>(FILES);
  }

  async activeHash(): Promise<string | null> {
    const [row] = await this.database.query<{ setHash: string }>(NEWEST_SET);
    return row?.setHash ?? null;
  }

  /** @param actor the caller's key: who activates terms approves no line under them */
  async activate(
    files: readonly { readonly file: string; readonly text: string }[],
    idempotencyKey: string | undefined,
    actor: string,
  ): Promise<Activation> {
    const members = await this.compile(files);
    const setHash = createHash('sha256')
      .update(JSON.stringify(members.map(({ kind, name, version, hash }) => [kind, name, version, hash])))
      .digest('hex');
    const id = idempotencyKey ?? randomUUID();
    if ((await this.activeHash()) === setHash) return { id, setHash, changed: false, applied: true };
    const event: GuaranteesActivatedEvent = {
      specversion: '1.0',
      id,
      source: SOURCES.slaTimer,
      type: CONTROL_TYPES.guaranteesActivated,
      subject: 'guarantees',
      time: formatInstant(this.clock.nowMs()),
      actor,
      data: { setHash, files: members },
    };
    await this.producer.send([
      { topic: TOPICS.control, partition: 0, key: 'guarantees', value: encodeCloudEvent(event) },
    ]);
    return { id, setHash, changed: true, applied: await this.isApplied(setHash) };
  }

  private async compile(files: readonly { readonly file: string; readonly text: string }[]): Promise<ActivatedFile[]> {
    const result = compileGuarantees(
      files.map(({ file, text }) => ({ kind: kindOfTermsFile(file, text), file, text })),
      await hostSources(),
    );
    if (result.problems) {
      throw new HttpProblem(
        422,
        {
          code: 'GUARANTEES_REFUSED',
          detail: `${result.problems.length} mistakes; the active set stays as it is`,
          advice: 'mend them all and send the whole set again: ./makegood guarantee check FILE…',
        },
        { extra: { problems: result.problems } },
      );
    }
    const known = new Map((await this.known()).map((file) => [`${file.name}@${file.version}`, file.hash]));
    for (const { kind, name, version, hash } of result.files) {
      const before = kind === 'guarantee' ? known.get(`${name}@${version}`) : undefined;
      if (before === undefined || before === hash) continue;
      throw new HttpProblem(409, {
        code: 'GUARANTEE_VERSION_CHANGED',
        detail: `${name} version ${version} was activated before with another text; promises stand under it`,
        advice: `give the new text version ${version + 1}`,
      });
    }
    return [...result.files];
  }

  private async isApplied(setHash: string): Promise<boolean> {
    const untilMs = this.clock.nowMs() + APPLIED_WAIT_MS;
    while (this.clock.nowMs() < untilMs) {
      if ((await this.activeHash()) === setHash) return true;
      await this.clock.sleep(50);
    }
    return false;
  }
}
