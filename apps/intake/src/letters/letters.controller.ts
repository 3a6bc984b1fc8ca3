import { Controller, Get, HttpCode, HttpStatus, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { Database } from '#libs/persistence';
import { CallerOf, DATABASE, HttpProblem, Roles, type Caller } from '#libs/service';
import { readJson } from '../canonical/read-json.js';
import { Admission } from '../receive-events/read-body.js';
import { LetterBook, type LetterDetail, type LetterView } from './letter-book.js';
import { LetterCommands, type Decided } from './letter-commands.js';
import { OpenLettersView, type OpenLetters } from './open-letters.js';

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;
const REASON_CHARS_MAX = 500;
const STATUSES = ['open', 'replayed', 'discarded'];

/** What could not be processed, of every service, and the way out. */
@ApiTags('dead letters')
@ApiBearerAuth()
@Controller('dlq')
export class LettersController {
  private readonly book: LetterBook;

  constructor(
    @Inject(DATABASE) database: Database,
    @Inject(LetterCommands) private readonly commands: LetterCommands,
    @Inject(Admission) private readonly admission: Admission,
    @Inject(OpenLettersView) private readonly open: OpenLettersView,
  ) {
    this.book = new LetterBook(database);
  }

  @Get()
  @Roles('viewer', 'operations')
  @ApiOperation({
    summary:
      'Dead letters, oldest first, and how many are open, since when and why: ?status=open|replayed|discarded|all&subject=&limit=&cursor=',
  })
  async list(
    @Query() query: Record<string, string | undefined>,
  ): Promise<{ letters: LetterView[]; cursor: string | null; open: OpenLetters }> {
    const { status = 'open', subject = null, cursor } = query;
    if (status !== 'all' && !STATUSES.includes(status))
      throw invalid('/status', `one of ${STATUSES.join(', ')}, all was expected`);
    const limit = Math.min(LIMIT_MAX, Math.max(1, Number.parseInt(query['limit'] ?? '', 10) || LIMIT_DEFAULT));
    const page = { status: status === 'all' ? null : status, subject, after: placeFrom(cursor), limit };
    return { ...(await this.book.list(page)), open: await this.open.read() };
  }

  @Get(':id')
  @Roles('viewer', 'operations')
  @ApiOperation({ summary: 'One dead letter with its original' })
  async one(@Param('id') id: string): Promise<LetterDetail> {
    const letter = await this.book.find(id);
    if (letter) return letter;
    const detail = `no dead letter has the id ${id.slice(0, 50)}`;
    throw new HttpProblem(404, { code: 'LETTER_UNKNOWN', detail, advice: 'list them: GET /dlq, ./makegood dlq list' });
  }

  @Post(':id/replay')
  @HttpCode(HttpStatus.OK)
  @Roles('operations')
  @ApiOperation({ summary: 'Sends it on its way again: {reason}; it keeps id and time of receipt' })
  replay(
    @Param('id') id: string,
    @Req() request: Request,
    @CallerOf() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Decided> {
    return this.decided(request, response, caller, (reason) => this.commands.replay(id, { reason, by: caller.keyId }));
  }

  @Post(':id/discard')
  @HttpCode(HttpStatus.OK)
  @Roles('operations')
  @ApiOperation({ summary: 'Nothing is to come of it: {reason}' })
  discard(
    @Param('id') id: string,
    @Req() request: Request,
    @CallerOf() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Decided> {
    return this.decided(request, response, caller, (reason) => this.commands.discard(id, { reason, by: caller.keyId }));
  }

  private decided(
    request: Request,
    response: Response,
    caller: Caller,
    command: (reason: string) => Promise<Decided>,
  ): Promise<Decided> {
    return this.admission.withBody(request, caller.keyId, async (body) => {
      const decided = await command(reasonIn(body));
      response.status(decided.applied ? HttpStatus.OK : HttpStatus.ACCEPTED);
      return decided;
    });
  }
}

function reasonIn(body: Buffer): string {
  const read = readJson(body);
  if (read.refusal) throw new HttpProblem(400, read.refusal);
  const { reason } = (read.event ?? {}) as { reason?: unknown };
  if (typeof reason === 'string' && reason.length > 0 && reason.length <= REASON_CHARS_MAX) return reason;
  throw invalid('/reason', `a reason of 1 to ${REASON_CHARS_MAX} characters was expected, for whoever asks later`);
}

function placeFrom(cursor: string | undefined): { atMs: number; id: string } | null {
  if (cursor === undefined) return null;
  const [, at, id] = /^(\d{1,15})\/(.{1,200})$/.exec(cursor) ?? [];
  if (at === undefined || id === undefined) throw invalid('/cursor', 'cursor is not one of ours');
  return { atMs: Number(at), id };
}

function invalid(pointer: string, detail: string): HttpProblem {
  return new HttpProblem(400, { code: 'FIELD_INVALID', detail, pointer });
}
