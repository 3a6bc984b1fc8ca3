import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { loadMap } from './index.js';

const MAP_FILE = 'samples/olist-orders.map.yaml';
const DATA_FILE = '../shared/data/olist/olist-orders.csv.gz';
const map = () => loadMap(readFileSync(MAP_FILE, 'utf8'), MAP_FILE);
const ROW = {
  order_id: 'o1',
  customer_unique_id: 'c1',
  customer_state: 'SP',
  status: 'delivered',
  purchased_at: '2018-05-01T10:00:00',
  delivered_at: '2018-05-08T18:30:00',
  promised_date: '2018-05-20',
  freight_centavos: '1290',
};
const typesOf = (row: object) =>
  map()
    .events({ ...ROW, ...row }, 1)
    .events?.map(({ type }) => type.replace('shop.order.', ''));

it.each([
  [{}, ['placed', 'delivered']],
  [{ status: 'shipped', delivered_at: '' }, ['placed']],
  [{ delivered_at: '' }, ['placed', 'cancelled']],
  [{ status: 'unavailable', delivered_at: '' }, ['placed', 'cancelled']],
  [{ status: 'canceled' }, ['placed', 'cancelled', 'delivered']],
  [{ review_score: '4', review_created_at: '2018-05-09' }, ['placed', 'delivered', 'customer.feedback']],
  [{ review_score: '4', review_created_at: '' }, ['placed', 'delivered']],
])('an order %j tells %j', (row, types) => {
  expect(typesOf(row)).toEqual(types);
});

it('carries what the guarantee reads', () => {
  expect(map().events(ROW, 1).events?.[0]).toMatchObject({
    source: 'shop/olist',
    subject: 'o1',
    time: '2018-05-01T13:00:00.000Z',
    data: {
      customerId: 'c1',
      promisedDate: '2018-05-20',
      freight: { amountMinor: 1290, currency: 'BRL' },
      region: 'SP',
    },
  });
});

// The data set itself is only there in the project's own workshop; its licence keeps it out of the repository.
if (existsSync(DATA_FILE)) {
  it('turns 30,152 orders into 74,792 events with as many ids', () => {
    const rows = parse(gunzipSync(readFileSync(DATA_FILE)), { columns: true }) as Record<string, string>[];
    const compiled = map();
    const ids = new Set<string>();
    const count: Record<string, number> = {};
    for (const [i, row] of rows.entries()) {
      const { events, problem } = compiled.events(row, i + 1);
      if (problem) throw new Error(problem.detail);
      for (const event of events) {
        ids.add(event.id);
        count[event.type] = (count[event.type] ?? 0) + 1;
      }
    }
    expect(count).toEqual({
      'shop.order.placed': 30_152,
      'shop.order.cancelled': 1_242,
      'shop.order.delivered': 27_187,
      'customer.feedback': 16_211,
    });
    expect(ids.size).toBe(74_792);
  });
}
