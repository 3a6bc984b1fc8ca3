import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { EVENT_LIMITS, ROLES, type Role } from '#libs/contracts';
import { nearestName } from '#libs/kernel';
import { CallerOf, HttpProblem, type Caller } from '#libs/service';
import { readJson } from '../canonical/read-json.js';
import { Admission } from '../receive-events/read-body.js';
import { KeyCommands, type KeyListed } from './key-commands.js';

/** For admins only: the guard's rule where no role is named. */
@ApiTags('keys')
@ApiBearerAuth()
@Controller('keys')
export class KeysController {
  constructor(
    @Inject(KeyCommands) private readonly commands: KeyCommands,
    @Inject(Admission) private readonly admission: Admission,
  ) {}

  @Post()
  @HttpCode(201)
  @ApiOperation({ summary: 'Makes a key: {role, source?}; the key is shown this once' })
  create(@Req() request: Request, @CallerOf() caller: Caller): Promise<{ id: string; key: string }> {
    return this.admission.withBody(request, caller.keyId, (body) => {
      const { role, source } = wanted(body);
      return this.commands.create(role, source);
    });
  }

  @Get()
  @ApiOperation({ summary: 'All keys, without their secrets' })
  async list(): Promise<{ keys: KeyListed[] }> {
    return { keys: await this.commands.list() };
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Takes a key back' })
  async revoke(@Param('id') id: string): Promise<{ id: string; revoked: boolean }> {
    await this.commands.revoke(id);
    return { id, revoked: true };
  }
}

function wanted(body: Buffer): { role: Role; source: string | null } {
  const read = readJson(body);
  if (read.refusal) throw new HttpProblem(400, read.refusal);
  const { role, source = null } = (read.event ?? {}) as { role?: unknown; source?: unknown };
  if (!ROLES.includes(role as Role)) {
    const nearest = typeof role === 'string' ? nearestName(role, ROLES) : null;
    throw refusal(
      '/role',
      `a role was expected: ${ROLES.join(', ')}`,
      nearest ? `Did you mean \`${nearest}\`?` : 'Name one of them.',
    );
  }
  const isText = typeof source === 'string' && source.length > 0 && source.length <= EVENT_LIMITS.textIdCharsMax;
  if (source !== null && !isText)
    throw refusal('/source', 'text of 1 to 200 characters was expected', 'Name the CloudEvents source of the sender.');
  if (role === 'upstream' && source === null) {
    throw refusal('/source', 'an upstream key speaks for one CloudEvents source', 'Add "source", e.g. "shop/orders".');
  }
  if (typeof source === 'string' && (source === 'makegood' || source.startsWith('makegood/'))) {
    throw refusal('/source', "sources makegood/* are makegood's own", 'Name the source after your own domain.');
  }
  return { role: role as Role, source: source as string | null };
}

function refusal(pointer: string, detail: string, advice: string): HttpProblem {
  return new HttpProblem(400, { code: 'FIELD_INVALID', detail, advice, pointer });
}
