// Preloaded into a service as it is shipped (node --import): the process kills itself, as kill -9 does, at the place
// that FAILPOINT names, on whichever of its threads. Nothing of the product knows of it.
import pg from 'pg';
import { SerialSender } from '../../dist/libs/messaging/src/serial-sender.js';

const place = process.env.FAILPOINT;
const OUTPUT = 'makegood.compensations.v1';
const die = () => process.kill(process.pid, 'SIGKILL');

/** Connections whose transaction has written lines. */
const writing = new WeakSet();
const query = pg.Client.prototype.query;
pg.Client.prototype.query = function (config, ...rest) {
  const text = typeof config === 'string' ? config : (config?.text ?? '');
  if (/^\s*insert into line /.test(text)) writing.add(this);
  if (place === 'before-commit' && text === 'COMMIT' && writing.has(this)) die();
  if (place === 'after-publish' && /^\s*update shard set output_offset/.test(text)) die();
  if (place === 'before-delete' && /^\s*delete from outbox/.test(text)) die();
  return query.call(this, config, ...rest);
};

const send = SerialSender.prototype.send;
SerialSender.prototype.send = function (records, headers) {
  const all = [...records];
  if (place === 'before-publish' && all.some(({ topic }) => topic === OUTPUT)) die();
  return send.call(this, all, headers);
};
