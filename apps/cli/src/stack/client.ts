import { ProblemError, type Problem } from '#libs/kernel';
import { readAdminKey } from './admin-key.js';
import { DEFAULT_PORT_BASE, portsOf, type ServiceName } from './ports.js';
import { DEFAULT_DATA_DIR } from './project.js';
import { runningDataDirs, runningStack, type StackState } from './state.js';
import { resolve } from 'node:path';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfterMs: number | null;
}

/** A running stack as its commands see it: addresses, the admin key, HTTP with problems turned into errors. */
export class StackClient {
  private readonly key: string;

  constructor(
    readonly dataDir: string,
    readonly portBase: number,
    readonly state: StackState | null = null,
    key?: string,
  ) {
    this.key = key ?? readAdminKey(dataDir).text;
  }

  get brokers(): string {
    return this.state?.brokers ?? `127.0.0.1:${portsOf(this.portBase).broker}`;
  }

  url(service: ServiceName, path: string): string {
    return `http://127.0.0.1:${portsOf(this.portBase)[service]}${path}`;
  }

  /** Any answer of the service, whatever its status. @throws ProblemError SERVICE_AWAY (retryable). */
  async request(
    service: ServiceName,
    path: string,
    body?: { readonly type: string; readonly text: string },
    method: 'GET' | 'POST' | 'DELETE' = body ? 'POST' : 'GET',
  ): Promise<Answer> {
    try {
      const response = await fetch(this.url(service, path), {
        method,
        headers: { authorization: `Bearer ${this.key}`, ...(body ? { 'content-type': body.type } : {}) },
        ...(body ? { body: body.text } : {}),
      });
      const text = await response.text();
      const retryAfter = Number(response.headers.get('retry-after'));
      return {
        status: response.status,
        body: parseBody(text),
        retryAfterMs: retryAfter > 0 ? retryAfter * 1_000 : null,
      };
    } catch (cause) {
      throw new ProblemError(
        {
          code: 'SERVICE_AWAY',
          detail: `${service} at ${this.url(service, '')} → no answer (${reasonOf(cause)})`,
          advice: `look at ./makegood status and ${this.dataDir}/logs/${service}.log`,
        },
        true,
        { cause },
      );
    }
  }

  /** The body of a 2xx answer. @throws ProblemError what the service said was wrong. */
  async get<T>(service: ServiceName, path: string): Promise<T> {
    return accepted<T>(service, path, await this.request(service, path));
  }

  async post<T>(service: ServiceName, path: string, value: unknown): Promise<T> {
    const body = { type: 'application/json', text: JSON.stringify(value) };
    return accepted<T>(service, path, await this.request(service, path, body));
  }

  async delete<T>(service: ServiceName, path: string, value: unknown): Promise<T> {
    const body = { type: 'application/json', text: JSON.stringify(value) };
    return accepted<T>(service, path, await this.request(service, path, body, 'DELETE'));
  }
}

/** The problem in an answer that is no success (RFC 9457, or whatever came instead). */
export function problemOf(service: string, path: string, answer: Answer): Problem {
  const body = (typeof answer.body === 'object' && answer.body !== null ? answer.body : {}) as Record<string, unknown>;
  const text = (name: string): string | undefined =>
    typeof body[name] === 'string' ? (body[name] as string) : undefined;
  const advice = text('advice');
  const pointer = text('pointer');
  return {
    code: text('code') ?? `HTTP_${answer.status}`,
    detail: text('detail') ?? text('title') ?? `${service} ${path} → status ${answer.status}`,
    ...(advice ? { advice } : {}),
    ...(pointer ? { pointer } : {}),
    ...(isPlace(body['at']) ? { at: body['at'] } : {}),
  };
}

/** Finds the stack that a command is about: by data dir, by ports, else the one there is; `key` speaks for a person. */
export function findStack(
  options: { readonly dataDir?: string; readonly portBase?: number },
  key?: string,
): StackClient {
  const candidates = options.dataDir ? [resolve(options.dataDir)] : [DEFAULT_DATA_DIR, ...runningDataDirs()];
  const running = [...new Set(candidates)].flatMap((dataDir) => {
    const state = runningStack(dataDir);
    return state && (options.portBase === undefined || state.portBase === options.portBase) ? [{ dataDir, state }] : [];
  });
  const found = running[0];
  if (found && (running.length === 1 || found.dataDir === DEFAULT_DATA_DIR || options.portBase !== undefined)) {
    return new StackClient(found.dataDir, found.state.portBase, found.state, key);
  }
  if (found) {
    throw new ProblemError({
      code: 'WHICH_STACK',
      detail: `one running stack → there are ${running.length}: ${running.map((r) => r.dataDir).join(', ')}`,
      advice: 'name one with --data-dir D or --port-base N',
    });
  }
  const asked =
    options.dataDir ?? (options.portBase === undefined ? DEFAULT_DATA_DIR : `ports ${options.portBase} ff.`);
  const where =
    (options.dataDir ? ` --data-dir ${options.dataDir}` : '') +
    (options.portBase !== undefined && options.portBase !== DEFAULT_PORT_BASE
      ? ` --port-base ${options.portBase}`
      : '');
  throw new ProblemError({
    code: 'NO_STACK',
    detail: `a running stack (${asked}) → none`,
    advice: `start one: ./makegood up --detach${where}`,
  });
}

function accepted<T>(service: string, path: string, answer: Answer): T {
  if (answer.status >= 200 && answer.status < 300) return answer.body as T;
  throw new ProblemError(problemOf(service, path, answer), answer.status === 503 || answer.status === 429);
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function reasonOf(error: unknown): string {
  const cause = (error as { cause?: { code?: string } }).cause;
  return cause?.code ?? (error as Error).message;
}

function isPlace(value: unknown): value is NonNullable<Problem['at']> {
  return typeof value === 'object' && value !== null && 'file' in value && 'line' in value && 'column' in value;
}
