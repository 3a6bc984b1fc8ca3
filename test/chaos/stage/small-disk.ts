import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const BLOCK = Buffer.alloc(1024 * 1024, 0x5a);

/**
 * A file system of its own for the tables of the database: filled by a ballast file it refuses them, by the kernel's
 * own ENOSPC. The write-ahead log stays elsewhere. Needs the right to mount; without it there is no such disk.
 */
export class SmallDisk {
  private constructor(readonly dir: string) {}

  static mount(dir: string, sizeMib: number): SmallDisk | null {
    mkdirSync(dir, { recursive: true });
    const run = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMib}m,mode=0711`, 'tmpfs', dir]);
    return run.status === 0 ? new SmallDisk(dir) : null;
  }

  /** Leaves not a block. */
  fill(): void {
    const file = openSync(this.ballast, 'a');
    try {
      for (;;) writeSync(file, BLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  drain(): void {
    rmSync(this.ballast, { force: true });
  }

  get freeMib(): number {
    const { bavail, bsize } = statfsSync(this.dir);
    return Math.floor((bavail * bsize) / 2 ** 20);
  }

  unmount(): void {
    this.drain();
    spawnSync('umount', ['-l', this.dir]);
  }

  private get ballast(): string {
    return join(this.dir, 'ballast');
  }
}
