import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TcpProxy } from './tcp-proxy.js';

describe('the proxy', () => {
  let echo: Server;
  let proxy: TcpProxy;
  let client: Socket;

  const heard = (socket: Socket): Promise<string> =>
    new Promise((resolve) => socket.once('data', (data) => resolve(data.toString())));

  beforeEach(async () => {
    echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
    const spare = createServer();
    await new Promise<void>((resolve) => spare.listen(0, '127.0.0.1', resolve));
    const { port } = spare.address() as AddressInfo;
    await new Promise((resolve) => spare.close(resolve));
    proxy = new TcpProxy(port, (echo.address() as AddressInfo).port);
    await proxy.listen();
    client = connect(port, '127.0.0.1').on('error', () => undefined);
  });
  afterEach(() => {
    client.destroy();
    proxy.close();
    echo.close();
  });

  it('passes everything on, in order, and late when it is told to', async () => {
    client.write('one');
    expect(await heard(client)).toBe('one');
    proxy.set({ kind: 'delay', delayMs: 60 });
    const fromMs = Date.now();
    client.write('two');
    expect(await heard(client)).toBe('two');
    expect(Date.now() - fromMs).toBeGreaterThanOrEqual(110); // once each way
  });

  it('holds what comes while it hangs, and loses none of it', async () => {
    client.write('one');
    await heard(client);
    proxy.set({ kind: 'hang' });
    client.write('two');
    const answer = heard(client);
    const first = await Promise.race([answer, new Promise((resolve) => setTimeout(() => resolve('nothing'), 100))]);
    expect(first).toBe('nothing');
    proxy.set({ kind: 'open' });
    expect(await answer).toBe('two');
  });

  it('ends connections when it is cut, and takes no new ones', async () => {
    client.write('one');
    await heard(client);
    const closed = new Promise((resolve) => client.once('close', resolve));
    proxy.set({ kind: 'cut' });
    await closed;
    const again = connect(proxy.port, '127.0.0.1').on('error', () => undefined);
    await new Promise((resolve) => again.once('close', resolve));
  });
});
