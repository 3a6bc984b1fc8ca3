// Plants each bug of bugs.mjs in a copy of the sources and shows that the simulation finds it; the working tree is only
// read. `node test/simulation/planted/run.mjs [NAME…]`; PLANTED_SECONDS (200) of the processor's time is what each gets,
// whatever else the machine has to do. Only the file of the bug is built anew. Prints a row of Markdown for each; exit code 1 when one stays hidden.
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { build, makeWorkspace, simulate } from '../workspace.mjs';
import { BUGS } from './bugs.mjs';

const names = process.argv.slice(2);
const unknown = names.filter((name) => !BUGS.some((bug) => bug.name === name));
if (unknown.length > 0)
  throw new Error(`no such bug: ${unknown.join(', ')}; there are ${BUGS.map(({ name }) => name)}`);
const seconds = process.env.PLANTED_SECONDS ?? '200';
const chosen = BUGS.filter(({ name }) => names.length === 0 || names.includes(name));
const queue = [...chosen];
const hidden = [];
const PROCESSES_MAX = 4;

function replaceOnce(text, { name, file, from, to }) {
  if (text.split(from).length !== 2) throw new Error(`${name}: not exactly once in ${file}: ${from}`);
  return text.replace(from, () => to);
}

/** One bug: planted, searched for, taken out again. */
async function search(folder, bug) {
  const path = join(folder, bug.file);
  const sound = readFileSync(path, 'utf8');
  writeFileSync(path, replaceOnce(sound, bug));
  await build(folder, [bug.file]);
  const { code, output } = await simulate(folder, {
    SIMULATION_CPU_SECONDS: seconds,
    SIMULATION_SHRINK: 'no',
  });
  const found = /FAILED seed=(\d+) .* after (\d+) seeds, .*?([\d.]+) s of CPU\n\s+(.*)/.exec(output);
  writeFileSync(path, sound);
  await build(folder, [bug.file]);
  if (code === 0 || !found) {
    hidden.push(bug.name);
    console.log(`| \`${bug.name}\` | HIDDEN (exit code ${code}) | ${output.trim().slice(-300)} |`);
    return;
  }
  const [, seed, , time, violation] = found;
  const text = violation.replaceAll('|', '/').slice(0, 120);
  console.log(`| \`${bug.name}\` | ${bug.breaks} | ${text} | ${seed} | ${time} |`);
}

async function worker() {
  const workspace = makeWorkspace();
  try {
    await build(workspace.folder);
    for (let bug = queue.shift(); bug; bug = queue.shift()) await search(workspace.folder, bug);
  } finally {
    workspace.remove();
  }
}

await Promise.all(Array.from({ length: Math.min(PROCESSES_MAX, availableParallelism()) }, worker));
console.log(`planted bugs: ${chosen.length - hidden.length} of ${chosen.length} found`);
process.exitCode = hidden.length === 0 ? 0 : 1;
