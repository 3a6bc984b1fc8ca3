import { createServer, connect, type Server, type Socket } from 'node:net';

/** `cut`: connections end and new ones are refused; `hang`: they stay, and nothing passes. */
export type Passage = { readonly kind: 'open' | 'cut' | 'hang' } | { readonly kind: 'delay'; readonly delayMs: number };

interface Chunk {
  readonly data: Buffer;
  readonly dueMs: number;
}

/** One direction of one connection: first in, first out, each chunk not before its time. */
class Pipe {
  private readonly chunks: Chunk[] = [];
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private readonly passage: () => Passage,
  ) {
    from.on('data', (data) => this.take(data));
    to.on('drain', () => from.resume());
  }

  /** Lets through what is due; called again whenever the passage changes. */
  pump(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (this.passage().kind === 'hang') return;
    for (let next = this.chunks[0]; next && !this.to.destroyed; next = this.chunks[0]) {
      const waitMs = next.dueMs - Date.now();
      if (waitMs > 0) {
        this.timer = setTimeout(() => this.pump(), waitMs);
        return;
      }
      this.chunks.shift();
      if (!this.to.write(next.data)) this.from.pause();
    }
  }

  private take(data: Buffer): void {
    const passage = this.passage();
    this.chunks.push({ data, dueMs: Date.now() + (passage.kind === 'delay' ? passage.delayMs : 0) });
    this.pump();
  }
}

/** What stands between one service and its broker or database: passes on, delays, hangs, cuts. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private readonly pipes = new Set<Pipe>();
  private passage: Passage = { kind: 'open' };
  private server: Server | null = null;

  constructor(
    readonly port: number,
    private readonly targetPort: number,
  ) {}

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      const server = createServer((socket) => this.join(socket));
      this.server = server.once('error', reject);
      server.listen(this.port, '127.0.0.1', () => resolve());
    });
  }

  set(passage: Passage): void {
    this.passage = passage;
    if (passage.kind === 'cut') for (const socket of this.sockets) socket.destroy();
    for (const pipe of this.pipes) pipe.pump();
  }

  close(): void {
    this.set({ kind: 'cut' });
    this.server?.close();
  }

  private join(near: Socket): void {
    if (this.passage.kind === 'cut') return void near.destroy();
    const far = connect({ host: '127.0.0.1', port: this.targetPort, noDelay: true });
    near.setNoDelay(true);
    const pipes = [new Pipe(near, far, () => this.passage), new Pipe(far, near, () => this.passage)];
    pipes.forEach((pipe) => this.pipes.add(pipe));
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        pipes.forEach((pipe) => this.pipes.delete(pipe));
        other.destroySoon();
      });
    }
  }
}
