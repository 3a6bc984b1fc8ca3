import { Inject, Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Request, Response } from 'express';
import { catchError, from, map, mergeMap, throwError, type Observable } from 'rxjs';
import type { Clock } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { CLOCK, DATABASE, HttpProblem, type Caller } from '#libs/service';

const SAVE = `
insert into audit (at_ms, actor, role, method, path, body, status) values ($1, $2, $3, $4, $5, $6, $7)`;
const BODY_CHARS_MAX = 2_000;

/** Every write over HTTP, accepted or refused, with who asked for it. What it changed is an event of the log. */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const request = context.switchToHttp().getRequest<Request & { caller?: Caller }>();
    if (request.method === 'GET' || request.method === 'HEAD') return next.handle();
    const response = context.switchToHttp().getResponse<Response>();
    return next.handle().pipe(
      mergeMap((body) => from(this.save(request, response.statusCode)).pipe(map(() => body as unknown))),
      catchError((error: unknown) => {
        const status = error instanceof HttpProblem ? error.status : 500;
        return from(this.save(request, status)).pipe(mergeMap(() => throwError(() => error)));
      }),
    );
  }

  private async save(request: Request & { caller?: Caller }, status: number): Promise<void> {
    await this.database.query(SAVE, [
      this.clock.nowMs(),
      request.caller?.keyId ?? '',
      request.caller?.role ?? '',
      request.method,
      request.path,
      JSON.stringify(request.body ?? null).slice(0, BODY_CHARS_MAX),
      status,
    ]);
  }
}
