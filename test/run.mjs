// Runs every test: first what needs no infrastructure, then the seeded simulation, then test/e2e on one real Kafka and
// one real PostgreSQL, then test/journeys on whole stacks, started as a user starts them.
// `./makegood test [PATTERN…]` calls it; the last line counts all parts, the simulation as one.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePortBase } from '../dist/apps/cli/src/stack/free-ports.js';
import { startInfrastructure } from '../dist/apps/cli/src/stack/infrastructure.js';

const patterns = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'makegood-test-'));
chmodSync(scratch, 0o711); // PostgreSQL's user must get through to its data
const totals = { passed: 0, failed: 0, skipped: 0 };

/** Runs jest with this very Node; resolves with its exit code and adds to the totals. */
function jest(name, args, env = {}) {
  const outputFile = join(scratch, `${name}.json`);
  const all = [
    '--experimental-vm-modules',
    '--no-warnings',
    'node_modules/jest/bin/jest.js',
    ...args,
    '--json',
    `--outputFile=${outputFile}`,
    '--testLocationInResults',
    '--passWithNoTests',
    '--',
    ...patterns,
  ];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, all, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, ...env },
    });
    child.on('exit', (code) => {
      try {
        const result = JSON.parse(readFileSync(outputFile, 'utf8'));
        totals.passed += result.numPassedTests;
        totals.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
        totals.skipped += result.numPendingTests;
      } catch {
        totals.failed += 1;
      }
      resolve(code ?? 1);
    });
  });
}

/** As many seeds as SIMULATION_SECONDS allow; it prints its own figures. */
function simulation() {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['test/simulation/run.mjs'], { stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('exit', (code) => {
      totals[code === 0 ? 'passed' : 'failed'] += 1;
      resolve(code ?? 1);
    });
  });
}
const wantsSimulation = patterns.length === 0 || patterns.some((pattern) => pattern.includes('simulation'));

let infrastructure = null;
async function cleanUp() {
  await infrastructure?.stop();
  rmSync(scratch, { recursive: true, force: true });
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void cleanUp().then(() => process.exit(130)));

const root = process.cwd();
/** Whether any spec of a folder is wanted: brokers and databases are started for those alone. */
function wants(folder) {
  const specs = readdirSync(join(root, folder)).filter((name) => name.endsWith('.spec.ts'));
  if (patterns.length === 0) return true;
  return specs.some((name) => patterns.some((pattern) => new RegExp(pattern).test(join(root, folder, name))));
}
const onlyIn = (folder) => ['--roots', join(root, folder), '--runInBand', '--forceExit'];
async function servicesOnRealParts() {
  console.error('── services on a real Kafka and a real PostgreSQL ──');
  infrastructure = await startInfrastructure({
    dataDir: join(scratch, 'infrastructure'),
    portBase: await freePortBase(),
    mode: 'live',
    onStep: (text) => console.error(`  ✓ ${text}`),
  });
  const env = { TEST_KAFKA_BROKERS: infrastructure.brokers, TEST_DATABASE_URL: infrastructure.databaseUrl };
  code = (await jest('e2e', onlyIn('test/e2e'), env)) || code;
  await infrastructure.stop();
  infrastructure = null;
}
async function journeys() {
  console.error('── journeys through whole stacks ──');
  code = (await jest('journeys', onlyIn('test/journeys'))) || code;
}

let code = 0;
try {
  console.error('── cores, kit and guards (no infrastructure) ──');
  const apart = ['test/e2e/', 'test/journeys/', 'dist/'].flatMap((folder) => [
    '--testPathIgnorePatterns',
    `<rootDir>/${folder}`,
  ]);
  // One process a core: by itself jest leaves one core to a developer's other work.
  code = await jest('unit', ['--maxWorkers=100%', ...apart]);
  if (wantsSimulation) {
    console.error('── simulation: services on a broker, database and clock that a seed decides ──');
    code = (await simulation()) || code;
  }
  if (wants('test/e2e')) await servicesOnRealParts();
  if (wants('test/journeys')) await journeys();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  totals.failed += 1;
  code = 1;
} finally {
  await cleanUp();
}
console.log(
  `Tests: ${totals.passed} passed, ${totals.failed} failed${totals.skipped ? `, ${totals.skipped} skipped` : ''}`,
);
process.exit(code || (totals.failed > 0 ? 1 : 0));
