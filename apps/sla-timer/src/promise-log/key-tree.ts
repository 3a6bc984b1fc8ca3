/** The members of an object in their order; null: a value that is kept whole, lists among them. */
export type Skeleton = readonly (readonly [name: string, inner: Skeleton | null])[];

interface Node<T> {
  readonly members: Map<string, Node<T>>;
  /** After a member whose value is kept whole; before the first member of one that is an object; after its last. */
  leaf: Node<T> | null;
  inside: Node<T> | null;
  outside: Node<T> | null;
  found: T | null;
}

/** Finds what belongs to a form of JSON object while its values are collected, by one look-up a member and no text. */
export class KeyTree<T> {
  private readonly roots = new Map<string, Map<string, Node<T>>>();

  find(source: string, type: string, data: object, values: unknown[]): T | null {
    const root = this.roots.get(source)?.get(type);
    return root === undefined ? null : (walk(root, data as Members, values, null)?.found ?? null);
  }

  put(source: string, type: string, data: object, what: T): void {
    let types = this.roots.get(source);
    if (types === undefined) this.roots.set(source, (types = new Map()));
    let root = types.get(type);
    if (root === undefined) types.set(type, (root = node()));
    (walk(root, data as Members, [], node) as Node<T>).found = what;
  }
}

type Members = Readonly<Record<string, unknown>>;

/** @param grow makes what is missing; null: nothing is made, and null is returned where something is missing. */
function walk<T>(from: Node<T>, data: Members, values: unknown[], grow: (() => Node<T>) | null): Node<T> | null {
  let at = from;
  for (const name in data) {
    const value = data[name];
    let next: Node<T> | null | undefined = at.members.get(name);
    if (next === undefined) {
      if (grow === null) return null;
      at.members.set(name, (next = grow()));
    }
    if (isObject(value)) {
      const inside = (next.inside ??= grow === null ? null : grow());
      const end = inside === null ? null : walk(inside, value, values, grow);
      next = end === null ? null : (end.outside ??= grow === null ? null : grow());
    } else {
      values.push(value);
      next = next.leaf ??= grow === null ? null : grow();
    }
    if (next === null) return null;
    at = next;
  }
  return at;
}

const node = <T>(): Node<T> => ({ members: new Map(), leaf: null, inside: null, outside: null, found: null });

export const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function skeletonOf(data: object): Skeleton {
  return Object.entries(data).map(([name, value]) => [name, isObject(value) ? skeletonOf(value) : null] as const);
}

export function leavesIn(skeleton: Skeleton): number {
  return skeleton.reduce((sum, [, inner]) => sum + (inner === null ? 1 : leavesIn(inner)), 0);
}

/** A member of the name `__proto__` cannot be given by assignment. */
export function isWritable(data: object): boolean {
  return Object.entries(data).every(([name, value]) => name !== '__proto__' && (!isObject(value) || isWritable(value)));
}

/** The object again, from its skeleton and its values in order. */
export function objectOf(skeleton: Skeleton, values: readonly unknown[]): Record<string, unknown> {
  return fill(skeleton, values, { next: 0 });
}

function fill(skeleton: Skeleton, values: readonly unknown[], at: { next: number }): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const [name, inner] of skeleton) object[name] = inner === null ? values[at.next++] : fill(inner, values, at);
  return object;
}
