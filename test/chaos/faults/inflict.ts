import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceName } from '../../../apps/cli/src/stack/ports.js';
import type { Stage } from '../stage/stage.js';
import { within } from '../waiting.js';
import type { Fault } from './plan.js';

/** Sessions of the product; ours are not among them. */
const END_SESSIONS = `
select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'makegood %' and pid <> pg_backend_pid()`;
const HEAL_WITHIN_MS = 60_000;

/** Does a fault to the stage and takes it back when its time is over. Never rejects for what the fault itself broke. */
export async function inflict(stage: Stage, fault: Fault): Promise<void> {
  const { kind, target, lastsMs, amountMs } = fault;
  switch (kind) {
    case 'kill-service':
      return stage.named(target).signal('SIGKILL');
    case 'kill-both':
      return stage.of(target as ServiceName).forEach((instance) => instance.signal('SIGKILL'));
    case 'freeze-service':
      stage.named(target).signal('SIGSTOP');
      await sleep(lastsMs);
      return stage.named(target).signal('SIGCONT');
    case 'restart-service':
      await stage.named(target).stop();
      return stage.named(target).start();
    case 'skew-clock':
      await stage.named(target).stop();
      stage.named(target).start(amountMs);
      await sleep(lastsMs);
      await stage.named(target).stop();
      return stage.named(target).start();
    case 'cut-broker':
    case 'cut-database':
    case 'hang-network':
    case 'delay-network':
      return disturbNetwork(stage, fault);
    case 'kill-broker':
    case 'restart-broker':
    case 'freeze-broker':
    case 'kill-database':
    case 'restart-database':
      return disturbServer(stage, fault);
    case 'end-sessions':
      return void (await stage.query(END_SESSIONS).catch(() => undefined));
    case 'read-only':
      await setReadOnly(stage, true);
      await sleep(lastsMs);
      return setReadOnly(stage, false);
    case 'disk-full':
      stage.smallDisk?.fill();
      await sleep(lastsMs);
      return stage.smallDisk?.drain();
    default:
      throw new Error(`no such fault: ${kind satisfies never}`);
  }
}

async function disturbNetwork(stage: Stage, { kind, target, lastsMs, amountMs }: Fault): Promise<void> {
  const { broker, database } = stage.named(target).way;
  const ways = kind === 'cut-broker' ? [broker] : kind === 'cut-database' ? [database] : [broker, database];
  for (const way of ways) {
    if (kind === 'delay-network') way.set({ kind: 'delay', delayMs: amountMs });
    else way.set({ kind: kind === 'hang-network' ? 'hang' : 'cut' });
  }
  await sleep(lastsMs);
  for (const way of ways) way.set({ kind: 'open' });
}

async function disturbServer(stage: Stage, { kind, target, lastsMs }: Fault): Promise<void> {
  const pid = stage.server(target as 'broker' | 'database').pid;
  if (!pid) return; // it is down as it is, and comes back by itself
  if (kind === 'freeze-broker') {
    process.kill(pid, 'SIGSTOP');
    await sleep(lastsMs);
    return void process.kill(pid, 'SIGCONT');
  }
  const signal = kind.startsWith('kill-') ? 'SIGKILL' : target === 'broker' ? 'SIGTERM' : 'SIGINT';
  process.kill(pid, signal);
}

/** As a server does that protects itself: every transaction from now on may only read. */
async function setReadOnly(stage: Stage, isReadOnly: boolean): Promise<void> {
  const done = await within(
    async () => {
      try {
        // A setting of the server, so that this very statement still gets through afterwards.
        await stage.query(`alter system set default_transaction_read_only = ${isReadOnly ? 'on' : 'off'}`);
        await stage.query('select pg_reload_conf()');
        return true;
      } catch {
        return false; // the database may be down by another fault
      }
    },
    isReadOnly ? 1_000 : HEAL_WITHIN_MS,
  );
  if (!isReadOnly && !done) throw new Error('the database could not be made writable again');
}
