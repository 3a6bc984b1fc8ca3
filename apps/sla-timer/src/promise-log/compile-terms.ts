import type { ActivatedFile } from '#libs/contracts';
import { compileGuarantees, type Guarantee } from '#libs/guarantees';
import type { Problem } from '#libs/kernel';

/** A file of a set as its author sends it, or as the log brings it, with what it was compiled to. */
export type TermsText = Pick<ActivatedFile, 'kind' | 'file' | 'text' | 'compiled'>;

export type CompiledTerms =
  | {
      readonly guarantees: readonly Guarantee[];
      readonly files: readonly ActivatedFile[];
      readonly problems?: undefined;
    }
  | { readonly problems: readonly Problem[] };

/** Compiles a set whole. Calendars and zones that come compiled are taken as they are; others are compiled here. */
export function compileTerms(files: readonly TermsText[]): CompiledTerms {
  const result = compileGuarantees(files.filter(({ kind }) => kind === 'guarantee'));
  if (result.problems) return { problems: result.problems };
  const members = result.guarantees.map(({ name, version, file, hash }): ActivatedFile => {
    const text = files.find((each) => each.file === file)?.text ?? '';
    return { kind: 'guarantee', name, version, file, text, hash };
  });
  return { guarantees: result.guarantees, files: members };
}

/** What a file is, by its name and its first words. */
export function kindOf(file: string, text: string): ActivatedFile['kind'] {
  if (/\.csv$/i.test(file)) return 'table';
  return /^kind:\s*["']?Calendar\b/m.test(text) ? 'calendar' : 'guarantee';
}
