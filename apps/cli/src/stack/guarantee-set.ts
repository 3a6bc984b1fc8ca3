import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { compileGuarantees } from '#libs/guarantees';
import { ProblemError } from '#libs/kernel';
import { clock } from '../clock.js';
import type { StackClient } from './client.js';
import { PROJECT_ROOT } from './project.js';

export interface GuaranteeFile {
  /** Where its author will look for it. */
  readonly file: string;
  readonly text: string;
}

export const DEFAULT_GUARANTEES_DIR = join(PROJECT_ROOT, 'guarantees');

/** The guarantee files of a folder, in order of their names. */
function readGuaranteeSet(dir: string): GuaranteeFile[] {
  const folder = resolve(dir);
  const names = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => /\.ya?ml$/.test(name))
        .sort()
    : [];
  if (names.length === 0) {
    throw new ProblemError({
      code: 'NO_GUARANTEES',
      detail: `guarantee files (*.yaml) in ${folder} → ${existsSync(folder) ? 'none' : 'no such folder'}`,
      advice: 'name the folder with --guarantees DIR; ready-made ones are in guarantees/',
    });
  }
  return names.map((name) => {
    const path = join(folder, name);
    const inside = relative(PROJECT_ROOT, path);
    return { file: inside.startsWith('..') ? path : inside, text: readFileSync(path, 'utf8') };
  });
}

/** Reads and compiles a folder's set. @throws ProblemError of the first mistake, before anything is started. */
export function checkedGuaranteeSet(dir: string): GuaranteeFile[] {
  const files = readGuaranteeSet(dir);
  const [first, ...more] = compileGuarantees(files).problems ?? [];
  if (!first) return files;
  const further = more.length > 0 ? ` (and ${more.length} more)` : '';
  throw new ProblemError({
    ...first,
    detail: first.detail + further,
    advice: `${first.advice ?? ''} See all: ./makegood guarantee check ${dir}/*.yaml`.trim(),
  });
}

/** Posts the set to sla-timer, unless this very set was posted to this stack before. */
export async function activateGuarantees(client: StackClient, dir: string, force: boolean): Promise<void> {
  const files = checkedGuaranteeSet(dir);
  const hash = createHash('sha256').update(JSON.stringify(files)).digest('hex');
  const memory = join(client.dataDir, 'guarantees.sha256');
  if (!force && existsSync(memory) && readFileSync(memory, 'utf8').trim() === hash) return;
  const ATTEMPTS_MAX = 20;
  for (let attempt = 1; ; attempt++) {
    try {
      await client.post('sla-timer', '/guarantees', { files });
      break;
    } catch (error) {
      const again = error instanceof ProblemError && error.retryable && attempt < ATTEMPTS_MAX;
      if (!again) throw error;
      await clock.sleep(250);
    }
  }
  writeFileSync(memory, `${hash}\n`);
}
