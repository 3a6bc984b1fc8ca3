import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { compileGuarantees, kindOfTermsFile, type TermsFile } from '#libs/guarantees';
import { hostSources } from '#libs/holidays';
import { ProblemError } from '#libs/kernel';
import { clock } from '../clock.js';
import type { StackClient } from './client.js';
import { PROJECT_ROOT } from './project.js';

export const DEFAULT_GUARANTEES_DIR = join(PROJECT_ROOT, 'guarantees');
const READY_MADE_CALENDARS_DIR = join(PROJECT_ROOT, 'calendars');

/**
 * The set of a folder, in order of names: its guarantees, the tables (CSV) beside them, and the calendars of the folder
 * `calendars` in it or beside it; where there is none, the ready-made ones.
 */
function readGuaranteeSet(dir: string): TermsFile[] {
  const folder = resolve(dir);
  const guarantees = namesIn(folder, /\.ya?ml$/);
  if (guarantees.length === 0) {
    throw new ProblemError({
      code: 'NO_GUARANTEES',
      detail: `guarantee files (*.yaml) in ${folder} → ${existsSync(folder) ? 'none' : 'no such folder'}`,
      advice: 'name the folder with --guarantees DIR; ready-made ones are in guarantees/',
    });
  }
  const calendars = [join(folder, 'calendars'), join(folder, '..', 'calendars'), READY_MADE_CALENDARS_DIR].find(
    (each) => namesIn(each, /\.ya?ml$/).length > 0,
  );
  return [
    ...[...guarantees, ...namesIn(folder, /\.csv$/i)].map((name) => join(folder, name)),
    ...(calendars === undefined ? [] : namesIn(calendars, /\.(ya?ml|ics)$/i).map((name) => join(calendars, name))),
  ].map(readTermsFile);
}

function namesIn(folder: string, pattern: RegExp): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => pattern.test(name))
    .sort();
}

/** A file of a set, under the name that its author knows it by: from the project's root, where it lies below. */
export function readTermsFile(path: string): TermsFile {
  const inside = relative(PROJECT_ROOT, resolve(path));
  const file = inside.startsWith('..') ? path : inside;
  const text = readFileSync(path, 'utf8');
  return { kind: kindOfTermsFile(file, text), file, text };
}

/** Reads and compiles a folder's set. @throws ProblemError of the first mistake, before anything is started. */
export async function checkedGuaranteeSet(dir: string): Promise<TermsFile[]> {
  const files = readGuaranteeSet(dir);
  const [first, ...more] = compileGuarantees(files, await hostSources()).problems ?? [];
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
  const files = await checkedGuaranteeSet(dir);
  const hash = createHash('sha256').update(JSON.stringify(files)).digest('hex');
  const memory = join(client.dataDir, 'guarantees.sha256');
  if (!force && existsSync(memory) && readFileSync(memory, 'utf8').trim() === hash) return;
  // A minute: a service that dies meanwhile is restarted, and a cold start on a busy machine takes its time.
  const ATTEMPTS_MAX = 240;
  for (let attempt = 1; ; attempt++) {
    try {
      await client.post('sla-timer', '/guarantees', { files: files.map(({ file, text }) => ({ file, text })) });
      break;
    } catch (error) {
      const again = error instanceof ProblemError && error.retryable && attempt < ATTEMPTS_MAX;
      if (!again) throw error;
      await clock.sleep(250);
    }
  }
  writeFileSync(memory, `${hash}\n`);
}
