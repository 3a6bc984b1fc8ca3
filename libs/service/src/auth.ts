import { createParamDecorator, Inject, Injectable, SetMetadata } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import type { Role } from '#libs/contracts';
import { HttpProblem } from './http-problem.js';
import { KeyStore, type Caller } from './key-store.js';

const ROLES = 'makegood:roles';
const PUBLIC = 'makegood:public';

/** Roles that may call an endpoint; `admin` always may. */
export const Roles = (...roles: Role[]) => SetMetadata(ROLES, roles);
/** For /health, /metrics and /openapi.json only. */
export const Public = () => SetMetadata(PUBLIC, true);
/** The authenticated caller. */
export const CallerOf = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  return (context.switchToHttp().getRequest<Request>() as Request & { caller: Caller }).caller;
});

/** Every HTTP endpoint needs a key of a fitting role; an endpoint that names no role is for admins. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(KeyStore) private readonly keys: KeyStore,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true; // records of the log come by the broker's own access control
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC, targets)) return true;
    const request = context.switchToHttp().getRequest<Request & { caller?: Caller }>();
    const caller = await this.callerOf(request);
    const roles = this.reflector.getAllAndOverride<Role[] | undefined>(ROLES, targets) ?? [];
    if (caller.role !== 'admin' && !roles.includes(caller.role)) {
      throw new HttpProblem(403, {
        code: 'ROLE_NOT_ALLOWED',
        detail: `this needs a key of role ${[...roles, 'admin'].join(' or ')}, yours has role ${caller.role}`,
        advice: 'ask an admin: ./makegood key create --role ROLE',
      });
    }
    request.caller = caller;
    return true;
  }

  private async callerOf(request: Request): Promise<Caller> {
    const [scheme, keyText] = (request.headers.authorization ?? '').split(' ', 2);
    const caller = scheme?.toLowerCase() === 'bearer' && keyText ? await this.keys.authenticate(keyText) : null;
    if (caller) return caller;
    throw new HttpProblem(401, {
      code: keyText ? 'KEY_UNKNOWN' : 'KEY_MISSING',
      detail: keyText
        ? 'the API key is unknown, wrong or revoked'
        : 'expected the header Authorization: Bearer KEY, found none',
      advice: 'make one: ./makegood key create --source SOURCE --role upstream',
    });
  }
}
