import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { Usage } from '../../../../src/dialects/hub.ts';
import { isWorkerEvent } from '../../../../src/shared/event-guard.ts';
import { MOST_COUNTED, servedTiers } from '../../../../src/shared/events.ts';
import { consumptionOf } from '../../../../src/worker/policies/token-counts.ts';

const none: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 };

describe('what is counted of an answer', () => {
  it('is every kind that its provider counted, and what it did not count', () => {
    const usage: Usage = {
      ...{ input: 90, output: 40, cacheRead: 20, cacheWrite: 30, cacheWrite1h: 10, reasoning: 5 },
      ...{ inputAudio: 6, outputAudio: 7, cachedAudio: 2, inputImage: 8, outputImage: 9 },
      ...{ serverTools: { web_search: 2 }, tier: 'priority' },
    };
    expect(consumptionOf(usage, { input: 3, output: 4 })).to.deep.equal({
      counts: {
        ...{ input: 90, output: 40, cache_read: 20, cache_write: 30, cache_write_1h: 10, reasoning: 5 },
        ...{ input_audio: 6, output_audio: 7, cache_read_audio: 2, input_image: 8, output_image: 9 },
        ...{ estimated: 4, estimated_input: 3 },
      },
      serverTools: { web_search: 2 },
      tier: 'priority',
    });
  });

  it('is nothing where nothing was counted, whatever tier it was served in', () => {
    expect(consumptionOf(null)).to.equal(null);
    expect(consumptionOf({ ...none, tier: 'flex', serverTools: {} })).to.equal(null);
  });

  it('names the speed before the tier, since that is what the price depends on', () => {
    expect(consumptionOf({ ...none, output: 1, tier: 'default', speed: 'fast' })).to.deep.equal({
      counts: { output: 1 },
      tier: 'fast',
    });
  });

  it('leaves out what is no count, and bounds what a provider makes up', () => {
    const usage = { ...none, input: 1e18, output: 1.5, cacheRead: -1, cacheWrite: Number.NaN, reasoning: 2 };
    expect(consumptionOf(usage)).to.deep.equal({ counts: { input: MOST_COUNTED, reasoning: 2 } });
    expect(consumptionOf({ ...none, serverTools: { web_search: 1e12, other: 0.5 } })).to.deep.equal({
      counts: {},
      serverTools: { web_search: MOST_COUNTED },
    });
  });

  it('can be counted by the primary, whatever numbers a provider has sent', () => {
    const any = fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger());
    const tools = fc.record({ web_search: any, other: any }, { requiredKeys: [] });
    const usage = fc.record(
      {
        ...{ input: any, output: any, cacheRead: any, cacheWrite: any, reasoning: any, cacheWrite1h: any },
        ...{ inputAudio: any, outputImage: any, serverTools: tools, tier: fc.constantFrom(...servedTiers) },
      },
      { requiredKeys: ['input', 'output', 'cacheRead', 'cacheWrite', 'reasoning'] },
    );
    fc.assert(
      fc.property(usage, fc.record({ input: any, output: any }), (counted, estimate) => {
        const consumption = consumptionOf(counted, estimate);
        if (consumption === null) return;
        const event = { type: 'tokens', provider: 'p', model: 'm', key: 'default', nanoUsd: null };
        expect(isWorkerEvent({ ...event, ...consumption })).to.equal(true);
      }),
    );
  });
});
