import type { Clock } from '#libs/kernel';
import type { RecordProducer } from '#libs/messaging';
import type { Database } from '#libs/persistence';
import { HttpProblem, type Caller } from '#libs/service';
import type { ShardProcessor } from '#libs/shard-log';
import { SAMPLE_SIGNALS } from '../../apps/loyalty/src/apply-log/events-for-tests.js';
import { Readiness } from '../../apps/intake/src/control/readiness.js';
import { Enrichment } from '../../apps/intake/src/customers/enrichment.js';
import { IngressProcessor } from '../../apps/intake/src/ingress/ingress-processor.js';
import { EventAcceptor } from '../../apps/intake/src/publish/accept-events.js';
import { answerOf } from '../../apps/intake/src/publish/answer.js';
import { CoalescingWriter } from '../../apps/intake/src/publish/coalescing-writer.js';
import { parseRequest } from '../../apps/intake/src/receive-events/parse-request.js';
import { ActiveTerms } from '../../apps/intake/src/terms/active-terms.js';
import { SourceWatch } from '../../apps/intake/src/ticker/source-watch.js';
import type { Process } from './scheduler.js';
import { SHARDS } from './services.js';

/** An instance of intake to which events can be posted. */
export interface Door {
  readonly process: Process;
  /** Status of the answer. */
  post(contentType: string, body: Buffer): Promise<number>;
}

const UPSTREAM: Caller = { keyId: 'upstream', role: 'upstream', source: null };

/** The core of intake on simulated ports: what AppModule puts together, and what EventsController does with it. */
export function openIntake(
  process: Process,
  ports: { readonly producer: RecordProducer; readonly database: Database; readonly clock: Clock },
): { readonly processor: ShardProcessor; readonly door: Door } {
  const { producer, database, clock } = ports;
  const writer = new CoalescingWriter(producer);
  const routing = { shardCount: SHARDS, signalRules: SAMPLE_SIGNALS.rules };
  const terms = new ActiveTerms(database, clock);
  const enrichment = new Enrichment(database, clock, terms);
  const watch = new SourceWatch(database, new Map(), terms);
  const acceptor = new EventAcceptor(clock, writer, routing, 'live', watch, new Readiness(database), enrichment);
  const post = async (contentType: string, body: Buffer): Promise<number> => {
    try {
      await acceptor.assertReady();
      const { events, isSingle } = parseRequest({ 'content-type': contentType }, body);
      const groups = events.map((event, index) => ({ index, events: [event] }));
      answerOf(await acceptor.accept(groups, UPSTREAM, 'http'), isSingle);
      return 202;
    } catch (error) {
      if (error instanceof HttpProblem) return error.status;
      return 500;
    }
  };
  const processor = new IngressProcessor(writer, routing, 'live', watch, enrichment);
  return { processor, door: { process, post } };
}
