import { readFileSync } from 'node:fs';

/** A settings file of the operator's: its name and its text. */
export interface SettingsFile {
  readonly file: string;
  readonly text: string;
}

/** @param file as the environment names it; null is answered where it names none. */
export function readSettings(file: string | undefined): SettingsFile | null {
  return file === undefined ? null : { file, text: readFileSync(file, 'utf8') };
}
