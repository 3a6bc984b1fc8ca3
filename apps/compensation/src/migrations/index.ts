import { Entitlements0001 } from './0001-entitlements.js';
import { Holding0002 } from './0002-holding.js';
import { Exports0003 } from './0003-exports.js';
import { Waves0004 } from './0004-waves.js';
import { Words0005 } from './0005-words.js';
import { Contacts0006 } from './0006-contacts.js';
import { Claims0007 } from './0007-claims.js';
import { SetChecks0008 } from './0008-set-checks.js';
import { Told0009 } from './0009-told.js';

/** In order. */
export const MIGRATIONS = [
  ...[Entitlements0001, Holding0002, Exports0003, Waves0004, Words0005],
  ...[Contacts0006, Claims0007, SetChecks0008, Told0009],
] as const;
