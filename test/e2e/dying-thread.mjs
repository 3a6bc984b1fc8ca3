// The thread that publishes, as it is shipped, but for one thing: once, it dies when the broker has acknowledged and
// nobody has been told. That it has died already, a file says that is named in the query of its address.
import { existsSync, writeFileSync } from 'node:fs';
import { SerialSender } from '../../dist/libs/messaging/src/serial-sender.js';

const marker = new URL(import.meta.url).searchParams.get('marker');
const send = SerialSender.prototype.send;
SerialSender.prototype.send = async function* (records, headers) {
  for await (const ranges of send.call(this, records, headers)) {
    if (!existsSync(marker)) {
      writeFileSync(marker, '');
      process.exit(1);
    }
    yield ranges;
  }
};
await import('../../dist/libs/messaging/src/thread/publish-thread.js');
