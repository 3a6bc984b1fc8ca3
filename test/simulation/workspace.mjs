// A copy of the sources to build and run apart, so that dist stays the product's and a planted bug touches nothing.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The Node that makegood brings: the one of the system may be older than the services need. */
const OWN_NODE = join(ROOT, 'node_modules/.bin/node');
const NODE = existsSync(OWN_NODE) ? OWN_NODE : process.execPath;

const children = new Set();
const folders = new Set();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    stopAll();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    process.exit(130);
  });
}

/** The folder is removed and whatever runs in it ended, also on Ctrl-C. The sources themselves are only read. */
export function makeWorkspace() {
  const folder = mkdtempSync(join(tmpdir(), 'makegood-simulation-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  folders.add(folder);
  const isSource = (path) => !path.endsWith('.spec.ts') && !/\/apps\/(console|cli)(\/|$)/.test(path);
  for (const part of ['apps', 'libs', 'test/simulation', 'test/seeded', 'test/memory'])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true, filter: isSource });
  for (const part of ['package.json', '.swcrc']) cpSync(join(ROOT, part), join(folder, part));
  for (const part of ['node_modules', 'templates', 'samples']) symlinkSync(join(ROOT, part), join(folder, part));
  return { folder, remove };
}

/** Builds `parts` of a workspace; rejects with what the compiler said. */
export async function build(folder, parts = ['apps', 'libs', 'test']) {
  // Databases that were made by another build may have other tables.
  if (parts.some((part) => !part.endsWith('.ts') || part.includes('migration')))
    rmSync(join(folder, 'dist/databases'), { recursive: true, force: true });
  const swc = join(ROOT, 'node_modules/@swc/cli/bin/swc.js');
  const { code, output } = await run(folder, [swc, ...parts, '-d', 'dist'], {}, () => undefined);
  if (code !== 0) throw new Error(`the build failed:\n${output}`);
}

/** Runs the simulation that was built in a workspace; `onText` is told what it prints as it comes. */
export function simulate(folder, env, onText = () => undefined) {
  return run(folder, ['--enable-source-maps', '--no-warnings', 'dist/test/simulation/main.js'], env, onText);
}

/** Ends every simulation that was begun here. */
export function stopAll() {
  for (const child of children) child.kill('SIGKILL');
}

function run(folder, args, env, onText) {
  return new Promise((resolve) => {
    const child = spawn(NODE, args, { cwd: folder, env: { ...process.env, ...env } });
    children.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        output += text;
        onText(String(text));
      });
    }
    child.on('close', (code) => {
      children.delete(child);
      resolve({ code: code ?? 1, output });
    });
  });
}
