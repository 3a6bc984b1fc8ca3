// A copy of the sources to build and run apart, so that dist stays the product's and a planted bug touches nothing.
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export function makeWorkspace() {
  const folder = mkdtempSync(join(tmpdir(), 'makegood-simulation-'));
  const isSource = (path) => !path.endsWith('.spec.ts') && !/\/apps\/(console|cli)(\/|$)/.test(path);
  for (const part of ['apps', 'libs', 'test/simulation'])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true, filter: isSource });
  for (const part of ['package.json', '.swcrc']) cpSync(join(ROOT, part), join(folder, part));
  for (const part of ['node_modules', 'templates']) symlinkSync(join(ROOT, part), join(folder, part));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Builds `parts` of a workspace; rejects with what the compiler said. */
export async function build(folder, parts = ['apps', 'libs', 'test']) {
  const swc = join(ROOT, 'node_modules/@swc/cli/bin/swc.js');
  const { code, output } = await run(folder, [swc, ...parts, '-d', 'dist'], {}, false);
  if (code !== 0) throw new Error(`the build failed:\n${output}`);
}

/** Runs the simulation that was built in a workspace. */
export function simulate(folder, env, isLoud) {
  return run(folder, ['--enable-source-maps', '--no-warnings', 'dist/test/simulation/main.js'], env, isLoud);
}

function run(folder, args, env, isLoud) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: folder, env: { ...process.env, ...env } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        output += text;
        if (isLoud) process.stdout.write(text);
      });
    }
    child.on('exit', (code) => resolve({ code: code ?? 1, output }));
  });
}
