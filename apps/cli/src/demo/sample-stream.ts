import type { CloudEvent } from '#libs/contracts';
import { hotelStay } from './hotel-stays.js';
import { postItem, type PostFate } from './post-items.js';
import { SeededRandom } from './random.js';

export interface SampleStream {
  /** In no particular order; each is fed when it was learned (`receivedat`, else `time`). */
  readonly events: readonly CloudEvent[];
  /** Subjects of the three stories that the demo tells. */
  readonly stories: { readonly madeGood: string; readonly takenBack: string; readonly twice: string };
}

export const SAMPLE_SEED = 20260302;
const POST_ITEMS = 300;
const HOTEL_STAYS = 200;

/** How often what happens to an item, of a hundred. */
const POST_FATES: Readonly<Record<PostFate, number>> = {
  'on-time': 62,
  'scan-lag': 6,
  'early-scan': 6,
  twice: 6,
  'absent-addressee': 4,
  late: 6,
  'never-delivered': 3,
  'learned-late': 4,
  withdrawn: 2,
  'not-covered': 1,
};

/**
 * A week of a post office and a hotel: items and stays that go well, late, unheard of, told twice, out of order and
 * learned of late. The same seed gives the same bytes.
 */
export function sampleStream(seed: number = SAMPLE_SEED): SampleStream {
  const random = new SeededRandom(seed);
  const told: [PostFate, PostFate, PostFate] = ['late', 'learned-late', 'twice'];
  const events: CloudEvent[] = [];
  const subjects: string[] = [];
  for (let i = 0; i < POST_ITEMS; i++) {
    const item = postItem(i, told[i] ?? random.weighted(POST_FATES), random);
    if (i < told.length) subjects.push(item.subject);
    events.push(...item.events);
  }
  for (let i = 0; i < HOTEL_STAYS; i++) events.push(...hotelStay(i, random));
  const [madeGood, takenBack, twice] = subjects as [string, string, string];
  return { events, stories: { madeGood, takenBack, twice } };
}
