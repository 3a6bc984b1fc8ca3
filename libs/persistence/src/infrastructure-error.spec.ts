import { QueryRunnerAlreadyReleasedError } from 'typeorm';
import { isInfrastructureError } from './infrastructure-error.js';

const coded = (code: string): Error => Object.assign(new Error('from the server'), { code });

it('a session that the server has ended says nothing of the record: the same work goes again', () => {
  expect(isInfrastructureError(coded('57P01'))).toBe(true); // ended by an administrator
  expect(isInfrastructureError(coded('25P03'))).toBe(true); // idle in a transaction for too long
  // Ended between the last statement and the commit: TypeORM has given the connection back by then.
  expect(isInfrastructureError(new QueryRunnerAlreadyReleasedError())).toBe(true);
});

it('what the database says of the record is a defect', () => {
  expect(isInfrastructureError(coded('23505'))).toBe(false);
  expect(isInfrastructureError(coded('22P02'))).toBe(false);
});
