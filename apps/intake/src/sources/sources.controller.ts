import { Controller, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { nearestName } from '#libs/kernel';
import { CallerOf, HttpProblem, Roles, type Caller } from '#libs/service';
import type { SourceMap } from '#libs/source-maps';
import { eventsRejected } from '../metrics.js';
import { EventAcceptor, type Acceptance, type Group, type RejectedEvent } from '../publish/accept-events.js';
import { answerOf } from '../publish/answer.js';
import { Admission } from '../receive-events/read-body.js';
import { SOURCES } from '../tokens.js';
import type { KnownSource } from './load-sources.js';
import { readRows, type ReadRow } from './read-rows.js';

/** Takes what a sender has, as it has it: rows become events by the map of the source. */
@ApiTags('sources')
@ApiBearerAuth()
@Controller('sources')
export class SourcesController {
  constructor(
    @Inject(SOURCES) private readonly sources: ReadonlyMap<string, KnownSource>,
    @Inject(EventAcceptor) private readonly acceptor: EventAcceptor,
    @Inject(Admission) private readonly admission: Admission,
  ) {}

  @Post(':name')
  @HttpCode(202)
  @Roles('upstream')
  @ApiOperation({ summary: 'Takes CSV, JSON or NDJSON rows of a source and turns them into events by its map' })
  async receive(
    @Param('name') name: string,
    @Query('map') mapName: string | undefined,
    @Req() request: Request,
    @CallerOf() caller: Caller,
  ): Promise<Acceptance> {
    const map = this.mapOf(name, mapName, caller);
    await this.acceptor.assertReady();
    return this.admission.withBody(request, caller.keyId, async (body) => {
      const { rows, header } = readRows(request.headers['content-type'], body);
      const [lacking] = header === null ? [] : map.missingColumns(header);
      if (lacking) throw new HttpProblem(400, lacking);
      const { groups, rejected } = mapped(map, rows);
      const acceptance = await this.acceptor.accept(groups, caller, 'source');
      const all = [...rejected, ...acceptance.rejected].sort((a, b) => a.index - b.index);
      return answerOf({ accepted: acceptance.accepted, rejected: all }, false);
    });
  }

  private mapOf(name: string, mapName: string | undefined, caller: Caller): SourceMap {
    const source = this.sources.get(name);
    if (!source) {
      const nearest = nearestName(name, [...this.sources.keys()]);
      const advice = nearest ? `Did you mean \`${nearest}\`?` : 'name it in sources.yaml';
      throw new HttpProblem(404, { code: 'SOURCE_UNKNOWN', detail: `sources.yaml has no source \`${name}\``, advice });
    }
    if (caller.source !== null && caller.source !== source.source) {
      const detail = `the key may speak for \`${caller.source}\`, the source ${name} is \`${source.source}\``;
      throw new HttpProblem(403, { code: 'WRONG_SOURCE', detail });
    }
    const map = mapName === undefined ? source.maps[0] : source.maps.find((candidate) => candidate.name === mapName);
    if (map && (mapName !== undefined || source.maps.length === 1)) return map;
    const detail = `the source ${name} has ${source.maps.length} maps: ${source.maps.map((known) => known.name).join(', ')}`;
    throw new HttpProblem(400, { code: 'WHICH_MAP', detail, advice: 'name one with ?map=NAME' });
  }
}

function mapped(map: SourceMap, rows: readonly ReadRow[]): { groups: Group[]; rejected: RejectedEvent[] } {
  const groups: Group[] = [];
  const rejected: RejectedEvent[] = [];
  for (const [index, read] of rows.entries()) {
    const result = read.refusal ? { problem: read.refusal } : map.events(read.row, index + 1);
    if (result.problem) {
      rejected.push({ index, ...result.problem });
      eventsRejected.inc({ way: 'source', code: result.problem.code });
    } else groups.push({ index, events: result.events.map((event) => ({ event })) });
  }
  return { groups, rejected };
}
