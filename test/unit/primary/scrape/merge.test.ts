import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { yielding } from '../../../../src/primary/ledger/yield.ts';
import { mergeToText } from '../../../../src/primary/scrape/merge.ts';
import { systemClock } from '../../../../src/shared/clock.ts';
import { AggregatorRegistry, type MetricJson } from '../../../../src/shared/metrics/prom.ts';
import { shown } from '../../../../src/shared/metrics/shown.ts';
import { folded, requestEnded } from '../../../helpers/numbers.ts';

/** A registry of 5,000 series, most of them in one histogram. */
async function largeRegistry(): Promise<MetricJson[]> {
  const events = Array.from({ length: 195 }, (_, index) => ({
    type: 'first-content' as const,
    provider: `provider-${index % 13}`,
    model: `model-${index}`,
    seconds: 0.25,
  }));
  return folded([...events, requestEnded()]);
}

const samples = (metrics: readonly MetricJson[]) => metrics.reduce((sum, { values }) => sum + values.length, 0);
const sorted = (page: string) => page.split('\n').filter(Boolean).sort();

/** What the library makes of the metrics as they are shown. */
function libraryPage(inputs: readonly (readonly MetricJson[])[]): Promise<string> {
  return AggregatorRegistry.aggregate(inputs.map((metrics) => metrics.map(shown))).metrics();
}

describe('mergeToText', () => {
  let one: MetricJson[] = [];
  before(async () => {
    one = await largeRegistry();
  });

  it('writes what the library writes for the same inputs', async () => {
    const inputs = [await folded([requestEnded()]), await folded([requestEnded({ provider: 'anthropic' })]), []];
    const page = await mergeToText(inputs, yielding(systemClock));
    expect(sorted(page)).to.deep.equal(sorted(await libraryPage(inputs)));
    expect(page.endsWith('\n')).to.equal(true);
  });

  it('adds up nano-dollars and shows dollars', async () => {
    const answer = {
      type: 'tokens',
      provider: 'openai',
      model: 'gpt-4',
      key: 'default',
      counts: { input: 1 },
    } as const;
    const inputs = [
      await folded([
        { ...answer, nanoUsd: 1 },
        { ...answer, nanoUsd: 1_500_000_000 },
      ]),
      await folded([
        { ...answer, nanoUsd: 1 },
        { ...answer, nanoUsd: null },
      ]),
    ];
    const page = await mergeToText(inputs, yielding(systemClock));
    expect(page).to.contain('\nllm_cost_usd_total{provider="openai",model="gpt-4"} 1.500000002\n');
    expect(page).to.contain('\nllm_unpriced_requests_total{provider="openai",model="gpt-4"} 1\n');
    expect(page).to.not.contain('llm_cost_nano');
  });

  it('is tested with registries of about 5,000 series', () => {
    expect(samples(one)).to.be.within(4_500, 5_500);
  });

  it('merges 16 large registries in parts to the same page', async () => {
    const inputs = Array.from({ length: 16 }, () => one);
    const page = await mergeToText(inputs, yielding(systemClock));
    expect(sorted(page)).to.deep.equal(sorted(await libraryPage(inputs)));
  });

  it('yields after each small part of a large merge', async () => {
    const inputs = Array.from({ length: 16 }, () => one);
    const shares: number[] = [];
    // The best of several rounds, since the machine may be busy.
    for (let round = 0; round < 6; round += 1) {
      const stretches: number[] = [];
      let sinceMs = performance.now();
      await mergeToText(inputs, async () => {
        stretches.push(performance.now() - sinceMs);
        sinceMs = performance.now();
      });
      shares.push(Math.max(...stretches) / stretches.reduce((sum, stretch) => sum + stretch));
    }
    expect(Math.min(...shares)).to.be.lessThan(0.25);
  });

  it('keeps the lines of a histogram series together and in order', async () => {
    const page = await mergeToText(
      Array.from({ length: 16 }, () => one),
      yielding(systemClock),
    );
    const lines = page.split('\n').filter((line) => line.includes('model="model-77"'));
    const at = page.split('\n').indexOf(lines[0] ?? '');
    expect(page.split('\n').slice(at, at + lines.length)).to.deep.equal(lines);
    expect(lines.at(-1)).to.match(/^llm_time_to_first_content_seconds_count.* 16$/);
  });
});
