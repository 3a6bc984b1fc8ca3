import { dateTextOf, dayNumberOf } from '#libs/calendar';
import { loadPublicHolidays } from './public-holidays.js';

describe('public holidays', () => {
  it('are those of the whole country, or of a region too', async () => {
    const publicHolidays = await loadPublicHolidays();
    const of2026 = (country: string, region: string | null): string[] => {
      const days = publicHolidays(country, region);
      if (typeof days === 'string') throw new Error(days);
      return days.map(dateTextOf).filter((date) => date.startsWith('2026')).map((date) => date.slice(5)); // prettier-ignore
    };
    const germany = ['01-01', '04-03', '04-06', '05-01', '05-14', '05-25', '10-03', '12-25', '12-26'];
    expect(of2026('DE', null)).toEqual(germany);
    expect(of2026('DE', 'by')).toEqual(expect.arrayContaining([...germany, '01-06', '06-04', '11-01']));
    // Boxing Day is a Saturday: the Monday after is free.
    expect(of2026('GB', 'ENG')).toEqual([
      '01-01',
      '04-03',
      '04-06',
      '05-04',
      '05-25',
      '08-31',
      '12-25',
      '12-26',
      '12-28',
    ]);
    const all = publicHolidays('DE', null) as readonly number[];
    expect([all.includes(dayNumberOf('1970-12-25')), all.includes(dayNumberOf('2100-12-25'))]).toEqual([true, true]);
  });

  it('say what is known where there are none', async () => {
    const publicHolidays = await loadPublicHolidays();
    expect(publicHolidays('de', null)).toContain('Did you mean `DE`?');
    expect(publicHolidays('DE', 'XX')).toContain('Regions of DE: ');
  });
});
