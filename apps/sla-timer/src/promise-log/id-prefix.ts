/**
 * SQL: the first 28 bits of an id, in the order of ids. Enough to find a promise within its chapter, and a quarter of the
 * id's place in the index: two of a chapter's 131,072 share them once in two thousand. Frozen: an index is made of it.
 */
export function idPrefix(id: string): string {
  return `('x0' || left(${id}::text, 7))::bit(32)::integer`;
}

/** SQL: that a row of `promise` is the one of an id, in words that the index by id answers. */
export function isPromise(id: string, column = 'promise_id'): string {
  return `${column} = ${id} and ${idPrefix(column)} = ${idPrefix(id)}`;
}
