import * as fc from 'fast-check';
import type { EventOf, ModelEvent } from '../src/model-event.js';
import { score } from '../src/score.js';

export const RUN = { seed: 20260101, numRuns: 200 };
export const CLOSE = 1e-9;

type Draft = ModelEvent extends infer E ? (E extends ModelEvent ? Omit<E, 'id' | 'at'> : never) : never;
export type Action = (place: number, at: number) => { draft: Draft; at?: number };

export const share = fc.double({ min: 0, max: 1, noNaN: true });
const kinds = fc.constantFrom('reservation', 'response', 'waiting', 'service', 'delivery');

export function promise(
  id: string,
  dueAt: number,
  late: number | null,
  kind: EventOf<'promise.settled'>['kind'] = 'delivery',
) {
  const actualAt = late === null ? null : dueAt + late;
  const at = actualAt === null ? dueAt + 1 : actualAt;
  const draft = {
    type: 'promise.settled',
    promiseId: id,
    kind,
    madeAt: dueAt - 3.5,
    dueAt,
    actualAt,
    tolerance: 1,
  } as const;
  return { draft, at };
}

export const settled = fc
  .tuple(fc.oneof(fc.double({ min: -3, max: 4, noNaN: true }), fc.constantFrom(0, null)), kinds)
  .map(
    ([late, kind]): Action =>
      (place, at) =>
        promise(`p${place}`, at, late, kind),
  );
export const recovered = fc
  .tuple(share, fc.constantFrom('none', 'auto', 'personal'), fc.constantFrom('company', 'customer'), share)
  .map(([pay, apology, initiated, which]): Action => (place) => {
    const promiseId = `p${Math.floor(which * place)}`;
    return { draft: { type: 'recovery.done', promiseId, compensation: pay * 50, loss: 20, apology, initiated } };
  });
export const missed = share.map((which): Action => (place) => ({
  draft: { type: 'recovery.missed', promiseId: `p${Math.floor(which * place)}` },
}));
export const bought = fc
  .tuple(fc.double({ min: 1, max: 200, noNaN: true }), fc.constantFrom('food', 'home', 'garden'))
  .map(([amount, category]): Action => (place) => ({
    draft: { type: 'purchase.made', orderId: `o${place}`, amount, category },
  }));
export const said = fc.integer({ min: 0, max: 10 }).map((value): Action => () => ({
  draft: { type: 'survey.answered', kind: 'nps', value },
}));
const others = fc
  .oneof(
    fc.record({ type: fc.constant('gesture.made' as const), kind: fc.constantFrom('note', 'call', 'surprise') }),
    fc.record({ type: fc.constant('contact.made' as const), personal: fc.boolean() }),
    fc.record({ type: fc.constant('tie.changed' as const), kind: fc.constantFrom('club', 'points'), strength: share }),
    fc.record({ type: fc.constant('promo.claimed' as const), intensity: share.map((s) => s * 0.3) }),
    fc.record({ type: fc.constant('staff.pulse' as const), value: share }),
    fc.record({ type: fc.constant('referral.made' as const) }),
    fc.record({ type: fc.constant('complaint.filed' as const), complaintId: fc.constantFrom('a', 'b') }),
    fc.record({
      type: fc.constant('complaint.resolved' as const),
      complaintId: fc.constant('a'),
      satisfied: fc.boolean(),
    }),
  )
  .map((draft): Action => () => ({ draft: draft as Draft }));

export interface History {
  readonly events: ModelEvent[];
  readonly end: number;
}

/** Random histories of up to forty events, a few days apart; `end` lies after all of them. */
export function histories(
  prefix = 'e',
  actions: fc.Arbitrary<Action> = fc.oneof(settled, recovered, missed, bought, said, others),
): fc.Arbitrary<History> {
  const step = fc.record({ gap: fc.double({ min: 0, max: 15, noNaN: true }), action: actions });
  return fc.array(step, { maxLength: 40 }).map((steps) => {
    let at = 10;
    const events: ModelEvent[] = [{ id: `${prefix}-joined`, type: 'customer.joined', at: 0 }];
    steps.forEach(({ gap, action }, place) => {
      at += gap;
      const made = action(place, at);
      events.push({ ...made.draft, id: `${prefix}${place}`, at: made.at ?? at } as ModelEvent);
    });
    return { events, end: at + 8 };
  });
}

export const event = (id: string, { draft, at }: { draft: Draft; at: number }): ModelEvent =>
  ({ ...draft, id, at }) as ModelEvent;
export const late = (id: string, dueAt: number, by: number | null): ModelEvent =>
  event(`settled-${id}`, promise(id, dueAt, by));
export const scoreOf = (events: readonly ModelEvent[], at: number): number => score(events, at).score;

export function holds(predicate: (history: History) => void, arbitrary = histories()): void {
  fc.assert(fc.property(arbitrary, predicate), RUN);
}
