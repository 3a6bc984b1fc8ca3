import { hash } from 'node:crypto';
import { isObject, isWritable, KeyTree, leavesIn, skeletonOf, type Skeleton } from './key-tree.js';

/**
 * What documents repeat: a fact's source and type with the names of its data's members, or the build that a promise is
 * pinned to. A word is written once into a table, and documents name it by eight characters. The id is of the text's own
 * hash, so that whoever makes a word gives it the same one, whatever became of a transaction.
 */
export interface Word {
  readonly id: string;
  /** JSON: `[source, type, skeleton]` or `[guarantee, version, build]`. */
  readonly text: string;
  /** The table will not have it: another has its id, or there are too many. What it stands for is spelled out. */
  isRefused: boolean;
}

export type Pin = readonly [guarantee: string, version: number, build: string];

/** What a word in a document stands for. */
export type Meaning =
  | { readonly kind: 'pin'; readonly pin: Pin }
  | { readonly kind: 'fact'; readonly source: string; readonly type: string; readonly skeleton: Skeleton };

/** A process makes no more words than this: names that never come again are not worth one. */
const MADE_MAX = 1_000;
const CANDIDATES_MAX = 500;
const TEXT_CHARS_MAX = 2_000;

/** The words that a process writes documents with, and those that it has met in documents. */
export class DocumentWords {
  private readonly tree = new KeyTree<Word>();
  private readonly pins = new Map<string, Word>();
  private readonly candidates = new Map<string, number>();
  private readonly meanings = new Map<string, Meaning>();
  private made = 0;

  /** @param seenMin so many facts of one form make a word. */
  constructor(private readonly seenMin = 8) {}

  /**
   * The word for a fact of this form; the values of its data go to `values`, in the word's order.
   * @returns null when there is none (yet): `values` means nothing then.
   */
  forFact(source: string, type: string, data: object, values: unknown[]): Word | null {
    if (!isObject(data)) return null;
    const word = this.tree.find(source, type, data, values);
    if (word !== null) return word.isRefused ? null : word;
    if (this.made < MADE_MAX) this.consider(source, type, data);
    return null;
  }

  forPin(guarantee: string, version: number, build: string): Word | null {
    const key = `${build}/${version}/${guarantee}`;
    let word = this.pins.get(key);
    if (word === undefined) {
      if (this.made >= MADE_MAX) return null;
      this.pins.set(key, (word = this.make(JSON.stringify([guarantee, version, build]))));
    }
    return word.isRefused ? null : word;
  }

  /** undefined: not met yet, see `learn`. */
  meaningOf(id: string): Meaning | undefined {
    return this.meanings.get(id);
  }

  learn(id: string, text: string): void {
    const [first, second, third] = JSON.parse(text) as [string, never, never];
    const meaning: Meaning =
      typeof third === 'string'
        ? { kind: 'pin', pin: [first, second, third] }
        : { kind: 'fact', source: first, type: second, skeleton: third };
    this.meanings.set(id, meaning);
  }

  private consider(source: string, type: string, data: object): void {
    if (!isWritable(data)) return;
    const skeleton = skeletonOf(data);
    const text = JSON.stringify([source, type, skeleton]);
    if (text.length > TEXT_CHARS_MAX || leavesIn(skeleton) === 0) return;
    const seen = (this.candidates.get(text) ?? 0) + 1;
    if (seen < this.seenMin) {
      if (this.candidates.size >= CANDIDATES_MAX) this.candidates.clear();
      this.candidates.set(text, seen);
      return;
    }
    this.candidates.delete(text);
    this.tree.put(source, type, data, this.make(text));
  }

  private make(text: string): Word {
    this.made += 1;
    return { id: hash('sha256', text, 'base64url').slice(0, 8), text, isRefused: false };
  }
}
