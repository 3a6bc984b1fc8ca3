import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { dayText, spanText } from './day-text.js';
import { TemplateLibrary } from './template-library.js';
import type { ReminderScope } from './reminder-writer.js';
import type { WordsScope } from './words-scope.js';

const DIRECTORY = 'templates';
const MOMENT = { date: '2018-05-03', time: '20:00' };
const SCOPE: WordsScope = {
  locale: 'en',
  guarantee: 'Delivered in time',
  subject: 'EMS-1',
  verdict: 'breached',
  zone: 'Asia/Shanghai',
  due: MOMENT,
  firstDue: null,
  done: null,
  late: null,
  money: [{ kind: 'refund', amount: '22.00 CNY', payBy: '2018-06-03' }],
  points: 0,
  turn: 0,
};
const REMINDER: ReminderScope = {
  locale: 'en',
  guarantee: 'Delivered in time',
  subject: 'EMS-1',
  amount: '22.00 CNY',
  reference: 'MG-7K3F-9Q2X-W0AB',
  until: null,
  turn: 0,
};
const OF_MONEY = 'unclaimed';
const BEFORE_DUE = ['at-risk', 're-promised', 'disruption'];
const SHAPES: Partial<WordsScope>[] = [
  {},
  { done: MOMENT, late: '2 d 3 h' },
  { money: [], points: 500 },
  { money: [{ kind: 'voucher', amount: '10.00 EUR', payBy: null }], turn: 1 },
  { money: [{ kind: 'credit', amount: '5.00 EUR', payBy: null }], turn: 99 },
  { firstDue: MOMENT, money: [] },
  ...(['kept', 'excused', 'cancelled', 'open'] as const).map((verdict) => ({ verdict, money: [] })),
];

describe('shipped templates', () => {
  const library = TemplateLibrary.read(DIRECTORY);
  const names = readdirSync(DIRECTORY).flatMap((locale) =>
    readdirSync(join(DIRECTORY, locale)).map((file) => [locale, file.replace('.liquid', '')] as const),
  );

  const ofPromises = names.filter(([, name]) => name !== OF_MONEY);
  const ofMoney = names.filter(([, name]) => name === OF_MONEY);

  it.each(ofMoney)('%s/%s names the sum, the reference and the end of its time', (locale, name) => {
    expect(ofMoney).toHaveLength(5);
    for (const until of [null, '2018-06-03']) {
      const { title, body } = library.render(locale, name, { ...REMINDER, locale, until });
      for (const text of [title, body]) expect(text).toContain('22.00 CNY');
      expect(body).toContain('MG-7K3F-9Q2X-W0AB');
      expect(body.includes('2018')).toBe(until !== null);
    }
  });

  it.each(ofPromises)('%s/%s can say whatever may be the case', (locale, name) => {
    for (const shape of SHAPES) {
      const { title, body } = library.render(locale, name, { ...SCOPE, ...shape, locale });
      expect(title).toMatch(/\S/);
      expect(title).not.toContain('\n');
      expect(body).toContain('20:00');
      if (BEFORE_DUE.includes(name)) continue; // nothing is owed yet
      for (const { amount } of shape.money ?? SCOPE.money) expect(body).toContain(amount);
      if (shape.points) expect(body).toContain('500');
    }
  });

  it.each(names)('%s/%s never says the same sentence to the same person again', (locale, name) => {
    const last = (turn: number): string =>
      library
        .render(locale, name, { ...SCOPE, ...REMINDER, locale, turn })
        .body.split('\n')
        .at(-1) as string;
    const endings = [0, 1, 2].map(last);
    expect(new Set(endings).size).toBe(3);
    for (const ending of endings)
      expect(library.render(locale, name, { ...SCOPE, ...REMINDER, locale, turn: 3 }).body).not.toContain(ending);
  });
});

describe('the template library', () => {
  const library = new TemplateLibrary();
  library.add('en', 'late', 'Late: {{ subject }}\n---\n{{ due.date | day: locale }}');
  library.add('pt', 'late', 'Atrasado\n---\n{{ due.date | day: locale }}');

  it.each([
    ['pt-BR', 'pt'],
    ['pt', 'pt'],
    ['ru', 'en'],
    [null, 'en'],
  ])('reads for %s the words in %s', (wanted, found) => {
    expect(library.localeOf('late', wanted)).toBe(found);
    expect(library.localeOf('unknown', wanted)).toBeNull();
  });

  it('escapes what it inserts', () => {
    expect(library.render('en', 'late', { ...SCOPE, subject: '<script>' }).title).toBe('Late: &lt;script&gt;');
  });

  it('refuses a file that is no template, by name', () => {
    expect(() => library.add('en', 'odd', 'no line of dashes')).toThrow('templates/en/odd.liquid');
  });

  it('writes days as people do, and as dates where it has no table', () => {
    expect([dayText('2018-05-03', 'en'), dayText('2018-05-03', 'en-GB'), dayText('2018-05-03', 'pt')]).toEqual([
      '3 May 2018',
      '3 May 2018',
      '2018-05-03',
    ]);
    expect(['es', 'ru', 'sl', 'zh-CN'].map((locale) => dayText('2018-05-03', locale))).toEqual([
      '3 de mayo de 2018',
      '3 мая 2018 г.',
      '3. maja 2018',
      '2018年5月3日',
    ]);
    expect(['en', 'ru', 'zh'].map((locale) => spanText('2 d 35 min', locale))).toEqual([
      '2 d 35 min',
      '2 д 35 мин',
      '2 天 35 分钟',
    ]);
  });
});
