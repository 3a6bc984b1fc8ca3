/**
 * Activates the guarantees of the image: one set with its tables and calendars, whole or not at all.
 * Usage: printf %s "$KEY" | node deploy/docker/post-guarantees.mjs http://sla-timer:8082 [FOLDER]
 * The key (role admin) comes by standard input, so that it stands in no list of processes.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [baseUrl, folder = 'guarantees'] = process.argv.slice(2);
if (!baseUrl) {
  console.error('USAGE  post-guarantees.mjs URL [FOLDER]');
  process.exit(2);
}

const key = readFileSync(0, 'utf8').trim();
const read = (dir, pattern) =>
  (existsSync(dir) ? readdirSync(dir) : [])
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => ({ file: join(dir, name), text: readFileSync(join(dir, name), 'utf8') }));
const files = [...read(folder, /\.(ya?ml|csv)$/i), ...read(join(folder, '..', 'calendars'), /\.(ya?ml|ics)$/i)];

const response = await fetch(new URL('/guarantees', baseUrl), {
  method: 'POST',
  headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
  body: JSON.stringify({ files }),
}).catch((error) => {
  console.error(
    `SERVICE_AWAY  sla-timer at ${baseUrl} → ${error.cause?.code ?? error.message} → see that it is healthy`,
  );
  process.exit(1);
});
const answer = await response.text();
console.log(`${response.status}  ${files.length} files of ${folder}/ to ${baseUrl}\n${answer}`);
process.exit(response.ok ? 0 : 1);
