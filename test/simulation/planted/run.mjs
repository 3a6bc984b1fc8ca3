// Plants each bug of bugs.mjs in a copy of the sources and shows that the simulation finds it.
// `node test/simulation/planted/run.mjs [NAME…]`; PLANTED_SECONDS (60) is what each gets. Exit code 1 when one stays hidden.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, makeWorkspace, simulate } from '../workspace.mjs';
import { BUGS } from './bugs.mjs';

const names = process.argv.slice(2);
const seconds = process.env.PLANTED_SECONDS ?? '60';
const chosen = BUGS.filter(({ name }) => names.length === 0 || names.includes(name));
const workspace = makeWorkspace();
const hidden = [];

function replaceOnce(text, { name, file, from, to }) {
  if (text.split(from).length !== 2) throw new Error(`${name}: not exactly once in ${file}: ${from}`);
  return text.replace(from, () => to);
}

try {
  await build(workspace.folder);
  for (const bug of chosen) {
    const path = join(workspace.folder, bug.file);
    const sound = readFileSync(path, 'utf8');
    writeFileSync(path, replaceOnce(sound, bug));
    await build(workspace.folder, [bug.file]);
    const { code, output } = await simulate(
      workspace.folder,
      { SIMULATION_SECONDS: seconds, SIMULATION_SHRINK: 'no' },
      false,
    );
    const found = /FAILED seed=(\d+) .* after (\d+) seeds, ([\d.]+) s\n\s+(.*)/.exec(output);
    if (code === 0 || !found) hidden.push(bug.name);
    const [, seed, count, time, violation] = found ?? [];
    console.log(
      found
        ? `found   ${bug.name}: seed=${seed}, after ${count} seeds and ${time} s: ${violation.slice(0, 110)}`
        : `HIDDEN  ${bug.name} (exit code ${code}): ${output.trim().split('\n').at(-2)?.slice(0, 200) ?? output}`,
    );
    writeFileSync(path, sound);
    await build(workspace.folder, [bug.file]);
  }
} finally {
  workspace.remove();
}
console.log(`planted bugs: ${chosen.length - hidden.length} of ${chosen.length} found`);
process.exitCode = hidden.length === 0 ? 0 : 1;
