import { Directory, type Marks } from './directory.js';

const marks = (...rows: [shard: number, epoch: number, movedTo: string | null][]): Marks =>
  new Map(rows.map(([shard, epoch, movedTo]) => [shard, { shard, epoch, movedTo }]));
const directoryOf = (main: Marks, north: Marks, declared: [number, string][] = []): Directory =>
  new Directory(
    new Map([
      ['main', main],
      ['north', north],
    ]),
    new Map(declared),
    'main',
  );

describe('where a shard lives', () => {
  it('is what the databases say, whatever the settings do', () => {
    const directory = directoryOf(marks([0, 3, null]), marks([1, 5, null]), [[0, 'north']]);
    expect(directory.placeOf(0)).toEqual({ name: 'main', isMoving: false, isKnown: true });
    expect(directory.placeOf(1)).toEqual({ name: 'north', isMoving: false, isKnown: true });
  });

  it('is where the settings put it while nobody has worked on it, else main', () => {
    const directory = directoryOf(marks(), marks(), [[4, 'north']]);
    expect(directory.placeOf(4)).toEqual({ name: 'north', isMoving: false, isKnown: false });
    expect(directory.placeOf(5)).toEqual({ name: 'main', isMoving: false, isKnown: false });
  });

  it('is the old database until it has arrived, and nobody may claim it meanwhile', () => {
    expect(directoryOf(marks([2, 7, 'north']), marks()).placeOf(2)).toEqual({
      ...{ name: 'main', isMoving: true, isKnown: true },
    });
    const arrived = directoryOf(marks([2, 7, 'north']), marks([2, 7, null]));
    expect(arrived.placeOf(2).name).toBe('north');
    expect([arrived.elsewhere('main'), arrived.elsewhere('north')]).toEqual([[2], []]);
    // On its way back: both have a mark, and the greater epoch is that of the one it was in last.
    expect(directoryOf(marks([2, 7, 'north']), marks([2, 9, 'main'])).placeOf(2)).toMatchObject({
      ...{ name: 'north', isMoving: true },
    });
  });

  it('is told by one that answers, but nobody begins anew while another is silent', () => {
    expect(directoryOf(marks([0, 3, null]), null).placeOf(0).name).toBe('main');
    for (const main of [marks(), marks([0, 3, 'north'])])
      expect(() => directoryOf(main, null).placeOf(0)).toThrow('SHARD_OUT_OF_REACH');
  });

  it('is never guessed: one database was put back to before the shard left it', () => {
    const both = directoryOf(marks([0, 3, null]), marks([0, 8, null]));
    expect(() => both.placeOf(0)).toThrow('SHARD_IN_TWO_DATABASES');
  });
});
