import { HttpProblem } from '#libs/service';
import { answerOf } from './answer.js';

const rejected = (...codes: string[]) => codes.map((code, index) => ({ index, code, detail: `d${index}` }));
const statusOf = (accepted: number, codes: string[], isSingle: boolean): [number, string] => {
  try {
    answerOf({ accepted, rejected: rejected(...codes) }, isSingle);
    return [202, ''];
  } catch (error) {
    expect((error as HttpProblem).options.extra).toMatchObject({ accepted: 0, rejected: { length: codes.length } });
    return [(error as HttpProblem).status, (error as HttpProblem).problem.code];
  }
};

it.each([
  [1, [], true, 202, ''],
  [0, [], false, 202, ''],
  [1, ['FIELD_MISSING'], false, 202, ''],
  [0, ['FIELD_MISSING'], true, 400, 'FIELD_MISSING'],
  [0, ['EVENT_TOO_LARGE'], true, 413, 'EVENT_TOO_LARGE'],
  [0, ['EVENT_TOO_LARGE'], false, 400, 'EVENT_TOO_LARGE'],
  [0, ['WRONG_SOURCE'], true, 403, 'WRONG_SOURCE'],
  [0, ['WRONG_SOURCE', 'WRONG_SOURCE'], false, 403, 'WRONG_SOURCE'],
  [0, ['WRONG_SOURCE', 'FIELD_MISSING'], false, 400, 'ALL_REJECTED'],
  [0, ['FIELD_MISSING', 'FIELD_MISSING'], false, 400, 'FIELD_MISSING'],
])('%i accepted, %j refused (single: %s) → %i %s', (accepted, codes, isSingle, status, code) => {
  expect(statusOf(accepted, codes, isSingle)).toEqual([status, code]);
});
