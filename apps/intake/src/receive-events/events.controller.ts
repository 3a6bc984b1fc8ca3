import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { CallerOf, Roles, type Caller } from '#libs/service';
import { EventAcceptor, type Acceptance } from '../publish/accept-events.js';
import { answerOf } from '../publish/answer.js';
import { parseRequest } from './parse-request.js';
import { Admission } from './read-body.js';

@ApiTags('events')
@ApiBearerAuth()
@Controller('events')
export class EventsController {
  constructor(
    @Inject(EventAcceptor) private readonly acceptor: EventAcceptor,
    @Inject(Admission) private readonly admission: Admission,
  ) {}

  @Post()
  @HttpCode(202)
  @Roles('upstream')
  @ApiOperation({ summary: 'Takes one CloudEvent (structured or binary), a batch, or one a line (NDJSON)' })
  @ApiResponse({ status: 202, description: 'all in-sync replicas have what is accepted; refusals by index' })
  @ApiResponse({ status: 503, description: 'Kafka is away or no guarantees are active: send again' })
  async receive(@Req() request: Request, @CallerOf() caller: Caller): Promise<Acceptance> {
    await this.acceptor.assertReady();
    return this.admission.withBody(request, caller.keyId, async (body) => {
      const { events, isSingle } = parseRequest(request.headers, body);
      const groups = events.map((event, index) => ({ index, events: [event] }));
      return answerOf(await this.acceptor.accept(groups, caller, 'http'), isSingle);
    });
  }
}
