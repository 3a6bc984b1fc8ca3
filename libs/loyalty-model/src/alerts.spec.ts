import { CALM, watchRisk, type RiskSigns, type RiskWatch } from './alerts.js';
import { drawsSurprise } from './gesture.js';

const calmSigns: RiskSigns = {
  at: 100,
  churnRisk: 0.2,
  score: 60,
  scoreAgo: 60,
  tierFell: false,
  doubleDeviation: false,
};

describe('risk alerts', () => {
  it('keeps quiet while nothing is wrong', () => {
    expect(watchRisk(CALM, calmSigns)).toEqual({ watch: CALM, raised: null, cleared: false });
  });

  it('warns once, keeps the level near its threshold, and clears below it', () => {
    const first = watchRisk(CALM, { ...calmSigns, churnRisk: 0.6 });
    expect(first.raised).toEqual({ level: 'warn', causes: ['churn_risk'] });
    const near = watchRisk(first.watch, { ...calmSigns, at: 130, churnRisk: 0.56 });
    expect(near).toEqual({ watch: first.watch, raised: null, cleared: false });
    const below = watchRisk(near.watch, { ...calmSigns, at: 131, churnRisk: 0.54 });
    expect(below).toMatchObject({ watch: { level: 'none' }, raised: null, cleared: true });
  });

  it('holds a new warning back during the cooldown, not for ever', () => {
    const watch: RiskWatch = { level: 'none', raisedAt: 95 };
    const held = watchRisk(watch, { ...calmSigns, churnRisk: 0.7 });
    expect(held).toEqual({ watch, raised: null, cleared: false });
    expect(watchRisk(held.watch, { ...calmSigns, at: 109, churnRisk: 0.7 }).raised?.level).toBe('warn');
  });

  it('breaks the cooldown for a rise to critical and for a double deviation', () => {
    const watch: RiskWatch = { level: 'warn', raisedAt: 99 };
    expect(watchRisk(watch, { ...calmSigns, churnRisk: 0.8 }).raised).toEqual({
      level: 'critical',
      causes: ['churn_risk'],
    });
    const deviation = watchRisk(watch, { ...calmSigns, churnRisk: 0.6, doubleDeviation: true });
    expect(deviation.raised).toEqual({ level: 'warn', causes: ['double_deviation'] });
  });

  it('tells of a falling score and of a tier lost', () => {
    const { raised } = watchRisk(CALM, { ...calmSigns, score: 50, tierFell: true });
    expect(raised).toEqual({ level: 'warn', causes: ['score_fell', 'tier_fell'] });
    expect(watchRisk(CALM, { ...calmSigns, score: 50.5 }).raised).toBeNull();
    expect(watchRisk(CALM, { ...calmSigns, score: 10, scoreAgo: null }).raised).toBeNull();
  });
});

describe('the draw of surprises', () => {
  it('gives each month about its share, the same again on a replay, differently by customer and seed', () => {
    const draws = (customer: string, seed: string): boolean[] =>
      Array.from({ length: 4000 }, (_, month) => drawsSurprise(customer, month, seed));
    const mine = draws('c-1', 'word');
    expect(mine.filter(Boolean).length / 4000).toBeCloseTo(0.25, 1);
    expect(draws('c-1', 'word')).toEqual(mine);
    expect(draws('c-2', 'word')).not.toEqual(mine);
    expect(draws('c-1', 'other')).not.toEqual(mine);
  });
});
