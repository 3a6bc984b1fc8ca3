import { findDrift } from '../../apps/compensation/src/ledger/self-check.js';
import { COMPENSATION_TABLES, CompensationWorld, NO_DRIFT } from '../e2e/compensation-world.js';
import { MemoryServer } from './memory-database.js';

/**
 * Worlds on a PostgreSQL in memory, for the tests of one `describe`; after each test the books of its world are checked.
 *
 * @param world the one that the test at hand has
 * @returns opens one
 */
export function worldsInMemory(world: () => CompensationWorld): (terms: string) => Promise<CompensationWorld> {
  let server: MemoryServer;
  beforeAll(async () => {
    server = await MemoryServer.start();
  }, 120_000);
  afterEach(async () => {
    expect(await findDrift(world().database)).toEqual(NO_DRIFT);
    expect(await world().disagreements()).toEqual([]);
    await world().database.close();
  });
  afterAll(() => server.stop(), 60_000);
  return async (terms) => CompensationWorld.on(await server.open(COMPENSATION_TABLES), { terms });
}
