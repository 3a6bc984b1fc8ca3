import { FirstTables1767225600000 } from './1767225600000-first-tables.js';
import { Watch1767312000000 } from './1767312000000-watch.js';
import { ToldBefore1767398400000 } from './1767398400000-told-before.js';
import { AppliedRules1767484800000 } from './1767484800000-applied-rules.js';

export const MIGRATIONS = [
  FirstTables1767225600000,
  Watch1767312000000,
  ToldBefore1767398400000,
  AppliedRules1767484800000,
];
