import { dirname, relative, resolve } from 'node:path';
import { compileGuarantees, type Guarantee } from '#libs/guarantees';
import { hostSources } from '#libs/holidays';
import { checkedGuaranteeSet } from '../stack/guarantee-set.js';
import { PROJECT_ROOT } from '../stack/project.js';

/** The guarantee of a file, compiled with all that lies beside it; null: the file holds none. */
export async function guaranteeIn(
  file: string,
): Promise<{ readonly guarantee: Guarantee; readonly set: readonly Guarantee[] } | null> {
  const { guarantees: set } = compileGuarantees(await checkedGuaranteeSet(dirname(file)), await hostSources());
  const inside = relative(PROJECT_ROOT, resolve(file));
  const guarantee = set?.find((each) => each.file === inside || each.file === file);
  return set === undefined || guarantee === undefined ? null : { guarantee, set };
}
