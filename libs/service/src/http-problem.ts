import { Catch, HttpException, Inject, Injectable } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ProblemError, type Problem } from '#libs/kernel';
import type { Logger } from '#libs/observability';
import { isInfrastructureError } from '#libs/persistence';
import { LOGGER } from './tokens.js';

/** A refusal over HTTP: status and problem; `headers` such as Retry-After, `extra` members beside the standard ones. */
export class HttpProblem extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
    readonly options: { readonly headers?: Record<string, string>; readonly extra?: Record<string, unknown> } = {},
  ) {
    super(problem.detail);
  }
}

/** Everything thrown on the way to an answer becomes RFC 9457 problem details; never a stack trace. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    if (host.getType() !== 'http') throw error;
    const response = host.switchToHttp().getResponse<Response>();
    const request = host.switchToHttp().getRequest<Request>();
    const { status, problem, options } = this.problemOf(error);
    if (status >= 500)
      this.logger.error({ path: request.path, code: problem.code, error: (error as Error).message }, 'request failed');
    if (response.headersSent) return;
    for (const [name, value] of Object.entries(options.headers ?? {})) response.setHeader(name, value);
    response
      .status(status)
      .type('application/problem+json')
      .send(
        JSON.stringify({
          type: 'about:blank',
          title: problem.code,
          status,
          code: problem.code,
          detail: problem.detail,
          ...(problem.advice ? { advice: problem.advice } : {}),
          ...(problem.pointer ? { pointer: problem.pointer } : {}),
          ...(problem.at ? { at: problem.at } : {}),
          retryable: status === 429 || status === 503,
          docUrl: `docs/errors.md#${problem.code.toLowerCase()}`,
          ...(options.extra ?? {}),
        }),
      );
  }

  private problemOf(error: unknown): Pick<HttpProblem, 'status' | 'problem' | 'options'> {
    if (error instanceof HttpProblem) return error;
    if (error instanceof ProblemError)
      return { status: error.retryable ? 503 : 422, problem: error.problem, options: {} };
    const parserError = bodyParserProblem(error);
    if (parserError) return { ...parserError, options: {} };
    if (error instanceof HttpException) {
      const code = error.getStatus() === 404 ? 'NOT_FOUND' : 'REQUEST_REFUSED';
      return { status: error.getStatus(), problem: { code, detail: error.message }, options: {} };
    }
    if (isInfrastructureError(error)) {
      const problem = {
        code: 'TEMPORARILY_UNAVAILABLE',
        detail: 'database or broker cannot be reached',
        advice: 'send the same request again',
      };
      return { status: 503, problem, options: { headers: { 'Retry-After': '2' } } };
    }
    return {
      status: 500,
      problem: { code: 'INTERNAL', detail: 'an error of ours; the log of the service has it' },
      options: {},
    };
  }
}

/** What express's body parsers throw: `type` and `status` of http-errors. */
function bodyParserProblem(error: unknown): { status: number; problem: Problem } | null {
  if (typeof error !== 'object' || error === null) return null;
  const { type, status, message } = error as { type?: unknown; status?: unknown; message?: unknown };
  if (type === 'entity.too.large') {
    return {
      status: 413,
      problem: { code: 'BODY_TOO_LARGE', detail: String(message), advice: 'send fewer or smaller events' },
    };
  }
  if (type === 'entity.parse.failed' || (error instanceof SyntaxError && status === 400)) {
    return {
      status: 400,
      problem: { code: 'JSON_MALFORMED', detail: String(message), advice: 'send well-formed JSON in UTF-8' },
    };
  }
  return null;
}
