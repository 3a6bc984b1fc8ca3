const NAMES: Readonly<Record<string, string>> = {
  en: 'January February March April May June July August September October November December',
  es: 'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre',
  ru: 'января февраля марта апреля мая июня июля августа сентября октября ноября декабря',
  sl: 'januarja februarja marca aprila maja junija julija avgusta septembra oktobra novembra decembra',
};
const MONTHS = new Map(Object.entries(NAMES).map(([locale, names]) => [locale, names.split(' ')]));

/** "d h min s" in other scripts; the rest write them as they are. */
const UNITS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ru: { d: 'д', h: 'ч', min: 'мин', s: 'с', ms: 'мс' },
  zh: { d: '天', h: '小时', min: '分钟', s: '秒', ms: '毫秒' },
};

/**
 * A local date as people write it: "3 May 2018". Tables of our own, since the words are part of events that must come
 * out the same whatever the runtime's language data; a language without a table gets the date as `YYYY-MM-DD`.
 */
export function dayText(date: string, locale: string): string {
  const language = languageOf(locale);
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  if (language === 'zh') return `${year}年${month}月${day}日`;
  const name = MONTHS.get(language)?.[month - 1];
  if (name === undefined) return date;
  if (language === 'es') return `${day} de ${name} de ${year}`;
  if (language === 'ru') return `${day} ${name} ${year} г.`;
  return language === 'sl' ? `${day}. ${name} ${year}` : `${day} ${name} ${year}`;
}

/** "2 d 3 h" with the units of the language. */
export function spanText(span: string, locale: string): string {
  const units = UNITS[languageOf(locale)];
  return units === undefined ? span : span.replace(/[a-z]+/g, (unit) => units[unit] ?? unit);
}

function languageOf(locale: string): string {
  return locale.split('-')[0] as string;
}
