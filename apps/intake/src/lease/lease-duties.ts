import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Clock } from '#libs/kernel';
import type { Logger } from '#libs/observability';
import { CLOCK, LOGGER } from '#libs/service';
import { ControlCopier } from '../control/control-copier.js';
import { leaseHeld } from '../metrics.js';
import { SourceWatch } from '../ticker/source-watch.js';
import { Ticker } from '../ticker/ticker.js';
import { INTAKE_ENVIRONMENT } from '../tokens.js';
import type { IntakeEnvironment } from '../config.js';
import { Lease, type LeaseTerm } from './lease.js';

const FLUSH_EVERY_MS = 1_000;
const ERROR_PAUSE_MS = 500;

/** What one instance does for all: commands first, then time. */
@Injectable()
export class LeaseDuties implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stop = new AbortController();
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    @Inject(Lease) private readonly lease: Lease,
    @Inject(ControlCopier) private readonly copier: ControlCopier,
    @Inject(Ticker) private readonly ticker: Ticker,
    @Inject(SourceWatch) private readonly watch: SourceWatch,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(INTAKE_ENVIRONMENT) private readonly environment: IntakeEnvironment,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.watch.begin(this.clock.nowMs());
    const onError = (error: Error): void => this.logger.warn({ error: error.message }, 'lease');
    this.running = Promise.all([
      this.lease.serve((term) => this.work(term), this.stop.signal, onError),
      this.keepFlushing(),
    ]);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await this.running;
  }

  private async work(term: LeaseTerm): Promise<void> {
    this.logger.info({ epoch: term.epoch }, 'holds the lease: ticks and copies commands');
    leaseHeld.set(1);
    this.copier.forget();
    this.ticker.begin();
    try {
      while (term.isHeld()) {
        const startedAtMs = this.clock.nowMs();
        const pauseMs = await this.turn(term);
        term.progressed();
        await this.clock.sleep(Math.max(0, pauseMs - Math.abs(this.clock.nowMs() - startedAtMs)), this.stop.signal);
      }
    } finally {
      leaseHeld.set(0);
      this.logger.info({ epoch: term.epoch }, 'gave the lease away');
    }
  }

  /** @returns how long after its beginning the next turn comes. */
  private async turn(term: LeaseTerm): Promise<number> {
    try {
      await this.copier.copyNew();
      // A replay brings its own ticks, with the time of its events.
      if (this.environment.MAKEGOOD_MODE === 'live' && term.isHeld()) await this.ticker.tick(() => term.isHeld());
      return this.environment.MAKEGOOD_TICK_EVERY_MS;
    } catch (error) {
      this.logger.warn({ error: (error as Error).message }, 'no tick: goes again');
      return ERROR_PAUSE_MS;
    }
  }

  private async keepFlushing(): Promise<void> {
    while (!this.stop.signal.aborted) {
      await this.clock.sleep(FLUSH_EVERY_MS, this.stop.signal);
      await this.watch.flush().catch(() => undefined); // kept, and tried again in a second
    }
  }
}
