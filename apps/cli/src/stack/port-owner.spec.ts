import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { assertPortsFree, listenerOf, listeningInodes } from './port-owner.js';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100
   1: 0100007F:1F91 0100007F:A0B2 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000000000000000 100
   2: 0100007F:1F92 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0000000000000000 100`;

describe('listeningInodes', () => {
  it('takes who listens on the port, not who is connected to it', () => {
    expect(listeningInodes(TABLE, 8081)).toEqual(['4711']);
    expect(listeningInodes(TABLE, 8083)).toEqual([]);
  });
});

describe('assertPortsFree', () => {
  it('names the port, who has it and the command that goes round it', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      expect(listenerOf(port)).toContain(`(pid ${process.pid})`);
      await expect(assertPortsFree([{ port, use: 'broker' }], 8080)).rejects.toMatchObject({
        problem: { code: 'PORT_IN_USE', advice: expect.stringContaining('./makegood up --port-base 9080') },
      });
    } finally {
      server.close();
    }
    await once(server, 'close');
    await expect(assertPortsFree([{ port, use: 'broker' }], 8080)).resolves.toBeUndefined();
  });
});
