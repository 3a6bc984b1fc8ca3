import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { Liquid } from 'liquidjs';
import { NotPlainError, plainText, type TextFilter } from './plain-text.js';

const OWN: ReadonlyMap<string, TextFilter> = new Map<string, TextFilter>([
  ['day', (date, locale) => `<${date}|${locale}>`],
  ['span', (span) => span],
]);

function library(): Liquid {
  const liquid = new Liquid({ outputEscape: 'escape', strictVariables: true, strictFilters: true });
  for (const [name, filter] of OWN) liquid.registerFilter(name, filter);
  return liquid;
}

/** As the library renders it, and as the functions do; null: not plain, or not for this scope. */
function both(source: string, scope: object): { readonly whole: string; readonly plain: string | null } {
  const liquid = library();
  const templates = liquid.parse(source);
  const whole = String(liquid.renderSync(templates, scope));
  try {
    return { whole, plain: plainText(templates, OWN)?.(scope) ?? null };
  } catch (error) {
    if (error instanceof NotPlainError) return { whole, plain: null };
    throw error;
  }
}

const word = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('refund', 'credit', 'kept', '<b>"&\'', ''));
const moment = fc.record({ date: fc.constantFrom('2018-05-03', '2026-12-31'), time: word });
const scopes = fc.record({
  locale: fc.constantFrom('en', 'ru'),
  guarantee: word,
  subject: word,
  verdict: fc.constantFrom('kept', 'breached', 'excused', 'cancelled', 'open'),
  zone: word,
  due: moment,
  firstDue: fc.option(moment),
  done: fc.option(moment),
  late: fc.option(word),
  money: fc.array(fc.record({ kind: word, amount: word, payBy: fc.option(fc.constant('2018-06-01')) }), {
    maxLength: 3,
  }),
  points: fc.nat(3),
  turn: fc.nat(3),
  // of reminders
  amount: word,
  reference: word,
  until: fc.option(fc.constant('2027-03-01')),
});

const shipped = readdirSync('templates').flatMap((locale) =>
  readdirSync(join('templates', locale)).map((file) => join('templates', locale, file)),
);

it.each(shipped)('%s: the functions say what the library says', (file) => {
  const [title, body] = readFileSync(file, 'utf8').split(/^---\n/m) as [string, string];
  fc.assert(
    fc.property(scopes, fc.constantFrom(title, body), (scope, source) => {
      const { whole, plain } = both(source, scope);
      if (file.includes('correction') && source === body) expect([whole, null]).toContain(plain);
      else expect(plain).toBe(whole);
    }),
    { numRuns: 60 },
  );
});

const SCOPE = {
  n: 2,
  flag: false,
  none: null,
  name: 'a & b',
  list: [{ x: 1 }, { x: 2 }],
  day: '2018-05-03',
  locale: 'en',
};

it.each([
  '{{ name }}, {{ n }} {{- name }} {{ day | day: locale }}',
  '{% if flag %}a{% elsif none %}b{% else %}c{% endif %}{% if n %}d{% endif %}',
  '{% if n > 2 %}a{% elsif n >= 2 %}b{% endif %}{% if n == 2 %}c{% endif %}{% if n != 2 %}d{% endif %}{% if name == "a & b" %}e{% endif %}',
  '{% case n %}{% when 1, 2 %}a{% when 2 %}b{% else %}c{% endcase %}{% case none %}{% when "x" %}d{% else %}e{% endcase %}',
  '{% for one in list %}{{ one.x }}{% for two in list %}{{ one.x }}{{ two.x }}{% endfor %},{% endfor %}',
])('plain: %s', (source) => {
  const { whole, plain } = both(source, SCOPE);
  expect(plain).toBe(whole);
});

it.each([
  '{{ name | upcase }}',
  '{{ name | raw }}',
  '{% if flag or n %}a{% endif %}',
  '{% if list == empty %}a{% endif %}',
  '{% assign m = n %}{{ m }}',
  '{% for one in list limit: 1 %}{{ one.x }}{% endfor %}',
  '{% for one in list %}{{ forloop.index }}{% endfor %}',
  '{{ list[0].x }}',
  '{{ none }}{{ flag }}',
  '{% unless flag %}a{% endunless %}',
])('left to the library: %s', (source) => {
  expect(both(source, SCOPE).plain).toBeNull();
});
