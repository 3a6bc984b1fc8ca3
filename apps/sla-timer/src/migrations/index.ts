import { Promises0001 } from './0001-promises.js';
import { TimeAndPeople1790000000002 } from './0002-time-and-people.js';
import { NarrowPromises1790000000004 } from './0003-narrow-promises.js';
import { DocumentWords1790000000005 } from './0004-document-words.js';
import { RoomForVerdicts1790000000006 } from './0005-room-for-verdicts.js';
import { CopiedSilences1790000000007 } from './0006-copied-silences.js';
import { Chapters1790000000008 } from './0007-chapters.js';
import { SettledSubjects1790000000009 } from './0008-settled-subjects.js';

export const MIGRATIONS = [
  Promises0001,
  TimeAndPeople1790000000002,
  NarrowPromises1790000000004,
  DocumentWords1790000000005,
  RoomForVerdicts1790000000006,
  CopiedSilences1790000000007,
  Chapters1790000000008,
  SettledSubjects1790000000009,
];
