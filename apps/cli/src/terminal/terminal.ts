import { clock } from '../clock.js';

export const WIDTH = 80;

type Colour = 'green' | 'red' | 'yellow' | 'cyan' | 'dim' | 'bold';
const CODES: Readonly<Record<Colour, string>> = {
  green: '32',
  red: '31',
  yellow: '33',
  cyan: '36',
  dim: '2',
  bold: '1',
};
const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

interface Stream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Results go to `out`, progress and errors to `err`: a pipe gets nothing but results. */
export class Terminal {
  readonly animated: boolean;
  private readonly coloured: boolean;
  private spin: AbortController | null = null;

  constructor(
    private readonly out: Stream,
    private readonly err: Stream,
    noColor: boolean,
  ) {
    this.coloured = Boolean(out.isTTY) && !noColor;
    this.animated = Boolean(err.isTTY) && !noColor;
  }

  paint(colour: Colour, text: string): string {
    return this.coloured ? `\x1b[${CODES[colour]}m${text}\x1b[0m` : text;
  }

  /** One line of the result. */
  line(text = ''): void {
    this.clearProgress();
    this.out.write(`${text}\n`);
  }

  json(value: unknown): void {
    this.line(JSON.stringify(value));
  }

  /** One line about what is going on or went wrong. */
  note(text: string): void {
    this.clearProgress();
    this.err.write(`${text}\n`);
  }

  /** A moving line on a terminal, nothing elsewhere. */
  progress(text: string): void {
    if (this.animated) this.err.write(`\r\x1b[2K${text.slice(0, WIDTH)}`);
  }

  clearProgress(): void {
    if (this.animated) this.err.write('\r\x1b[2K');
  }

  /** Runs `work` with a spinner and the elapsed seconds beside `text` while it takes. */
  async busy<T>(text: string, work: () => Promise<T>): Promise<T> {
    const startedAtMs = clock.nowMs();
    const spin = new AbortController();
    const turning = this.animated ? this.turn(text, startedAtMs, spin.signal) : Promise.resolve();
    this.spin = spin;
    try {
      return await work();
    } finally {
      spin.abort();
      await turning;
      this.spin = null;
      this.clearProgress();
    }
  }

  private async turn(text: string, startedAtMs: number, signal: AbortSignal): Promise<void> {
    for (let i = 0; !signal.aborted; i++) {
      this.progress(`${SPINNER[i % SPINNER.length]} ${text}  ${Math.floor((clock.nowMs() - startedAtMs) / 1_000)} s`);
      await clock.sleep(100, signal);
    }
  }
}
