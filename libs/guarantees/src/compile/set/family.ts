import { isMap } from 'yaml';
import type { Guarantee } from '../../guarantee.js';
import type { RawGuarantee } from './inherit.js';

/**
 * Which guarantees compete for an opening: those that extend one another, of which the one further down comes first,
 * or those that name the same family.
 * @param ancestors of each guarantee of the set, nearest first
 */
export function familyOf(
  raw: RawGuarantee,
  ancestors: ReadonlyMap<RawGuarantee, readonly RawGuarantee[]>,
): Guarantee['family'] {
  const above = ancestors.get(raw) ?? [];
  const name = above.at(-1)?.name ?? raw.name;
  const isShared = [...ancestors.values()].some((each) => each.at(-1)?.name === name);
  const natural = { name, choose: isShared ? 'first' : 'all', rank: above.length === 0 ? 0 : -above.length } as const;
  const node = raw.root.get('family', true) as unknown;
  if (!isMap(node)) return natural;
  const given = node.toJSON() as Partial<Guarantee['family']>;
  return { name: given.name ?? name, choose: given.choose ?? 'first', rank: given.rank ?? natural.rank };
}
