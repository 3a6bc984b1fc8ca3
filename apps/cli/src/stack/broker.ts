import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProblemError } from '#libs/kernel';
import type { ChildSpec } from './child.js';
import { kafkaLibsDir, PROJECT_ROOT } from './project.js';
import type { StackPorts } from './ports.js';

const JAVA_HEAP = '-Xmx512m';

/** A further way into the broker: where it listens, and the port that it tells whoever came that way. */
export interface BrokerListener {
  /** 127.0.0.1 where none is named. */
  readonly host?: string;
  readonly port: number;
  readonly advertisedPort: number;
}

/** Writes the broker's configuration, formats its folder at the first start and says how to run it. */
export function prepareBroker(options: {
  readonly dataDir: string;
  readonly ports: StackPorts;
  readonly logFile: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly listeners?: readonly BrokerListener[];
}): ChildSpec {
  const libs = kafkaLibsDir();
  if (!existsSync(libs)) {
    throw new ProblemError({
      code: 'BROKER_MISSING',
      detail: `the jars of the embedded broker → nothing in ${libs}`,
      advice: 'start through ./makegood, which fetches them with Maven, or give KAFKA_BROKERS=host:port',
    });
  }
  const kafkaDir = join(options.dataDir, 'kafka');
  mkdirSync(kafkaDir, { recursive: true });
  const propertiesFile = join(options.dataDir, 'kafka.properties');
  writeFileSync(propertiesFile, brokerProperties(kafkaDir, options.ports, options.listeners));
  const classPath = ['-cp', join(libs, '*')];
  if (!existsSync(join(kafkaDir, 'meta.properties'))) format(classPath, propertiesFile, kafkaDir);
  return {
    name: 'broker',
    command: 'java',
    args: [
      JAVA_HEAP,
      // The broker shares two cores with everything else: compiling it thoroughly costs more than it saves.
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      '-Xms256m',
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      '-Dorg.slf4j.simpleLogger.showDateTime=true',
      ...classPath,
      'kafka.Kafka',
      propertiesFile,
    ],
    env: options.env,
    cwd: PROJECT_ROOT,
    logFile: options.logFile,
    stopSignal: 'SIGTERM',
    stopWithinMs: 20_000,
  };
}

/** The server.properties of one embedded broker, from the template in deploy/kafka. */
export function brokerProperties(logDir: string, ports: StackPorts, listeners: readonly BrokerListener[] = []): string {
  const template = readFileSync(join(PROJECT_ROOT, 'deploy/kafka/server.properties'), 'utf8');
  const text = template
    .replaceAll('@BROKER_PORT@', String(ports.broker))
    .replaceAll('@CONTROLLER_PORT@', String(ports.controller))
    .replaceAll('@LOG_DIR@', logDir.replaceAll('\\', '\\\\'));
  if (listeners.length === 0) return text;
  const further = (address: (listener: BrokerListener) => number): string =>
    listeners.map((listener, i) => `,FURTHER${i}://${listener.host ?? '127.0.0.1'}:${address(listener)}`).join('');
  const protocols = listeners.map((_, i) => `,FURTHER${i}:PLAINTEXT`).join('');
  return [
    text
      .replace(/^(listeners=.*)$/m, `$1${further(({ port }) => port)}`)
      .replace(/^(advertised\.listeners=.*)$/m, `$1${further(({ advertisedPort }) => advertisedPort)}`),
    `listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT${protocols}`,
    '',
  ].join('\n');
}

function format(classPath: readonly string[], propertiesFile: string, kafkaDir: string): void {
  // An id that begins with a dash would be read as an option.
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  const run = spawnSync(
    'java',
    [
      '-Xmx128m',
      '-XX:TieredStopAtLevel=1',
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=error',
      ...classPath,
      'kafka.tools.StorageTool',
      'format',
      '-t',
      clusterId,
      '-c',
      propertiesFile,
    ],
    { encoding: 'utf8' },
  );
  if (run.status === 0) return;
  const found = run.error ? run.error.message : run.stderr.trim().split('\n').at(-1);
  throw new ProblemError({
    code: 'BROKER_FORMAT_FAILED',
    detail: `a new folder for the embedded broker in ${kafkaDir} → ${found}`,
    advice: run.error
      ? 'install Java 17 or newer, or give KAFKA_BROKERS=host:port'
      : 'remove that folder and try again',
  });
}
