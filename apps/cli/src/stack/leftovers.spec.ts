import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '../clock.js';
import { findLeftovers, kindOf, stackMarker, stopLeftovers } from './leftovers.js';
import { isAlive } from './process-table.js';
import { readState, takeSupervisorLock, writeState, type StackState } from './state.js';

const DATA = '/srv/my stack';
const CLUSTER = '/srv/my stack/postgres';

describe('kindOf', () => {
  it('knows the children of this stack by their command lines', () => {
    expect(kindOf(`/x/node dist/apps/intake/src/main.js --stack=${DATA}`, DATA, CLUSTER)).toBe('service');
    expect(kindOf(`java -Xmx512m kafka.Kafka ${DATA}/kafka.properties`, DATA, CLUSTER)).toBe('broker');
    expect(kindOf(`/x/bin/postgres -D ${CLUSTER} -c port=1`, DATA, CLUSTER)).toBe('database');
  });

  it('leaves strangers and other stacks alone, also with a name that begins alike', () => {
    expect(kindOf(`/x/node dist/apps/intake/src/main.js --stack=${DATA}2`, DATA, CLUSTER)).toBeNull();
    expect(kindOf(`java kafka.Kafka /other${DATA}/kafka.properties`, DATA, CLUSTER)).toBeNull();
    expect(kindOf(`/x/bin/postgres -D ${CLUSTER}2 -c port=1`, DATA, CLUSTER)).toBeNull();
    expect(kindOf(`vim ${DATA}/logs/intake.log`, DATA, CLUSTER)).toBeNull();
    expect(kindOf('postgres: checkpointer', DATA, CLUSTER)).toBeNull();
  });
});

describe('a data dir after a kill -9', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'makegood-left-'))));
  afterEach(() => rmSync(dir, { recursive: true }));

  const state = (change: Partial<StackState>): StackState => ({
    mode: 'live',
    portBase: 1,
    phase: 'ready',
    supervisorPid: 0,
    startedAt: '',
    brokers: null,
    pids: {},
    steps: [],
    ...change,
  });

  it('has its left processes stopped, and nobody else', async () => {
    const idle = ['-e', 'process.stdout.write("up"); setInterval(() => {}, 1000)'];
    const ours = spawn(process.execPath, [...idle, '--', stackMarker(dir)], { stdio: ['ignore', 'pipe', 'ignore'] });
    const stranger = spawn(process.execPath, [...idle, '--', stackMarker(`${dir}-other`)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await Promise.all([ours, stranger].map((child) => once(child.stdout, 'data')));
    // A stranger who got a pid that stack.json still names.
    writeState(dir, state({ pids: { intake: ours.pid ?? 0, broker: stranger.pid ?? 0 } }));
    try {
      expect(findLeftovers(dir)).toEqual([{ pid: ours.pid, kind: 'service' }]);
      expect(await stopLeftovers(dir)).toBe(1);
      expect(isAlive(ours.pid ?? 0)).toBe(false);
      expect(isAlive(stranger.pid ?? 0)).toBe(true);
    } finally {
      stranger.kill('SIGKILL');
    }
    expect(await waitFor(() => (isAlive(stranger.pid ?? 0) ? null : true), { withinMs: 5_000 })).toBe(true);
  });

  it('gives its lock to the next launcher when the owner is dead or a stranger', () => {
    writeFileSync(join(dir, 'supervisor.pid'), String(process.ppid));
    takeSupervisorLock(dir); // our parent is no launcher
    writeFileSync(join(dir, 'supervisor.pid'), '999999999');
    expect(() => takeSupervisorLock(dir)).not.toThrow();
  });

  it('counts as never started when its state is torn', () => {
    writeFileSync(join(dir, 'stack.json'), '{"mode":"li');
    expect(readState(dir)).toBeNull();
  });
});
