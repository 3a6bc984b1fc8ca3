import { readFileSync } from 'node:fs';
import { problemFrom } from './errors.js';

describe('errors of the file system', () => {
  const read = (path: string) => {
    try {
      readFileSync(path);
    } catch (error) {
      return problemFrom(error);
    }
    throw new Error('it could be read');
  };

  it('says that a folder was named where a file is read, and what to name', () => {
    expect(read(import.meta.dirname)).toMatchObject({ code: 'NOT_A_FILE', advice: expect.stringContaining('*.yaml') });
  });

  it('says which file is not there', () => {
    expect(read('/nowhere/at-all.yaml')).toMatchObject({
      code: 'NO_SUCH_FILE',
      detail: '/nowhere/at-all.yaml → not there',
    });
  });
});
