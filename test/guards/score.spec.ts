import { TOPICS } from '#libs/contracts';
import { readText, sourcesBelow } from './source-files.js';

/** Where a remedy is decided, granted and paid. */
const DECIDING = [
  'apps/compensation',
  'apps/sla-timer',
  'libs/remedy-engine',
  'libs/promise-engine',
  'libs/guarantees',
];

/** Names by which a score could be asked. */
function mentionsOfScore(text: string): string[] {
  return (
    text.match(
      /makegood\.loyalty\b|TOPICS\.loyalty|#libs\/loyalty-model|\bloyalty(Score|Tier)\b|customer\.(score|tier)\b/g,
    ) ?? []
  );
}

describe('the score never refuses a remedy', () => {
  it.each(DECIDING)('%s cannot know one', (folder) => {
    const product = [...sourcesBelow(folder)].filter(([path]) => !path.endsWith('.spec.ts'));
    expect(product.length).toBeGreaterThan(5);
    expect(product.flatMap(([path, text]) => mentionsOfScore(text).map((word) => `${path}: ${word}`))).toEqual([]);
  });

  it('compensation does not read the topic of scores', () => {
    expect(TOPICS.loyalty).toBe('makegood.loyalty.v1');
    expect(readText('apps/compensation/src/main.ts')).not.toMatch(/loyalty/);
  });

  it('finds what is planted', () => {
    expect(mentionsOfScore("if (customer.score < 30) refuse(); read(TOPICS.loyalty, '#libs/loyalty-model')")).toEqual([
      'customer.score',
      'TOPICS.loyalty',
      '#libs/loyalty-model',
    ]);
  });
});
