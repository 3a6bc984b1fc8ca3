import { readFileSync } from 'node:fs';

interface Bug {
  readonly name: string;
  readonly file: string;
  readonly from: string;
}

const { BUGS } = (await import(new URL('../simulation/planted/bugs.mjs', import.meta.url).href)) as {
  readonly BUGS: readonly Bug[];
};

describe('planted bugs', () => {
  it.each(BUGS.map((bug) => [bug.name, bug] as const))('%s has its place in the code, once', (_, { file, from }) => {
    expect(readFileSync(file, 'utf8').split(from)).toHaveLength(2);
  });
});
