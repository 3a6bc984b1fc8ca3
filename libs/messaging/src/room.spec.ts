import { Room } from './room.js';

/** Who is in, in order of entering. */
function watch(room: Room): { readonly entered: string[]; enter(name: string, count: number): Promise<() => void> } {
  const entered: string[] = [];
  return {
    entered,
    async enter(name, count) {
      const leave = await room.enter(count);
      entered.push(name);
      return leave;
    },
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('room', () => {
  it('lets in up to its bound, and exactly that', async () => {
    const { entered, enter } = watch(new Room({ batches: 3, records: 10 }));
    await enter('a', 6);
    await enter('b', 4);
    void enter('c', 1);
    await settled();
    expect(entered).toEqual(['a', 'b']);
  });

  it('lets in what is larger than itself, alone', async () => {
    const { entered, enter } = watch(new Room({ batches: 3, records: 10 }));
    const leave = await enter('a', 25);
    void enter('b', 1);
    await settled();
    expect(entered).toEqual(['a']);
    leave();
    await settled();
    expect(entered).toEqual(['a', 'b']);
  });

  it('lets in so many batches at most, however small they are', async () => {
    const { entered, enter } = watch(new Room({ batches: 2, records: 10 }));
    const leave = await enter('a', 1);
    await enter('b', 1);
    void enter('c', 1);
    await settled();
    expect(entered).toEqual(['a', 'b']);
    leave();
    await settled();
    expect(entered).toEqual(['a', 'b', 'c']);
  });

  it('keeps the order of asking: small ones do not overtake a large one', async () => {
    const { entered, enter } = watch(new Room({ batches: 3, records: 10 }));
    const leave = await enter('a', 8);
    void enter('large', 9);
    const small = enter('small', 1);
    await settled();
    expect(entered).toEqual(['a']);
    leave();
    await small;
    expect(entered).toEqual(['a', 'large', 'small']);
  });
});
