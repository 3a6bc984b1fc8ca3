import type { MigrationInterface } from 'typeorm';
import type { DatabaseGroup, ServiceEnvironment } from '#libs/config';

export interface ServiceOptions {
  readonly name: 'intake' | 'sla-timer' | 'compensation' | 'loyalty';
  readonly environment: ServiceEnvironment;
  /** Of the service's own tables; those of KIT_MIGRATIONS run beside them. */
  readonly migrations: readonly (new () => MigrationInterface)[];
  /** Topics whose partition s belongs to shard s of this service. */
  readonly topics: readonly string[];
  /** The topic that is the service's memory of what it said; null when it has none. */
  readonly outputTopic: string | null;
  /** Shards worked on at the same time. */
  readonly concurrency: number;
  /** Databases beside `DATABASE_URL` that shards live in; only where no shard needs another's rows. */
  readonly databases?: readonly DatabaseGroup[];
  /** Tables without a column `shard` that a shard's rows rest on; every database has them whole. */
  readonly sharedTables?: readonly string[];
}

export function schemaOf({ name, environment }: ServiceOptions): string {
  return environment.MAKEGOOD_SCHEMA ?? name.replace('-', '_');
}

export function groupOf({ name, environment }: ServiceOptions): string {
  return environment.MAKEGOOD_GROUP ?? `makegood.${name}`;
}
