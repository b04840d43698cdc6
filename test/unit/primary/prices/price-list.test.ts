/** Prices of the list, held against examples from the providers' own pages. Each has its source. */
import { waitForUpdate } from '@pydantic/genai-prices';
import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { loadPriceList, type PriceList } from '../../../../src/primary/prices/price-list.ts';
import { providers } from '../../../../src/providers/registry.ts';
import type { TokensCounted } from '../../../../src/shared/events.ts';
import { costOf } from '../../../../src/worker/policies/cost.ts';

const addresses = {
  openai: 'https://api.openai.com/v1',
  anthropic: 'https://api.anthropic.com',
  google: 'https://generativelanguage.googleapis.com',
  vertexGlobal: 'https://aiplatform.googleapis.com',
  vertex: 'https://us-east5-aiplatform.googleapis.com/v1',
  deepseek: 'https://api.deepseek.com',
  bedrock: 'https://bedrock-runtime.eu-central-1.amazonaws.com',
  azure: 'https://resource.openai.azure.com/openai/v1',
  fireworks: 'https://api.fireworks.ai/inference/v1',
  openrouter: 'https://openrouter.ai/api/v1',
  perplexity: 'https://api.perplexity.ai',
} as const;

type Used = Pick<TokensCounted, 'counts'> & Partial<Pick<TokensCounted, 'serverTools' | 'tier'>>;

describe('the price list', () => {
  let list: PriceList;
  before(async () => {
    list = await loadPriceList();
  });

  /** In dollars. */
  function cost(name: keyof typeof addresses, model: string, used: Used, at = '2026-11-27T12:00:00Z'): number | null {
    const found = list.find({ baseUrl: addresses[name] }, model);
    if (found === null) throw new Error(`${model} is not in the list`);
    const nano = costOf(found.table, used, Date.parse(at));
    return nano === null ? null : nano / 1e9;
  }

  const modelAt = (baseUrl: string, model: string, pricedAs?: string) =>
    list.find(pricedAs === undefined ? { baseUrl } : { baseUrl, pricedAs }, model)?.modelId ?? null;

  it("has OpenAI's discount for cached input", () => {
    // https://developers.openai.com/api/docs/pricing: gpt-4o 2.50, cached 1.25, output 10.00.
    const counts = { input: 2006, cache_read: 1920, output: 300 };
    expect(cost('openai', 'gpt-4o-2024-08-06', { counts })).to.equal((86 * 2.5 + 1920 * 1.25 + 300 * 10) / 1e6);
    // The same page: gpt-5 1.25, cached 0.125, output 10.00; thoughts are billed as output.
    const thinking = { input: 1000, output: 900, reasoning: 832 };
    expect(cost('openai', 'gpt-5', { counts: thinking })).to.equal((1000 * 1.25 + 900 * 10) / 1e6);
  });

  it('has what an hour in the cache costs for Claude everywhere', () => {
    // platform.claude.com/docs/en/about-claude/pricing, "Third-party platform pricing"; aws.amazon.com/bedrock/pricing.
    const counts = { input: 10_000, cache_write: 3000, cache_write_1h: 1000, output: 500 };
    const dollars = (input: number, output: number) =>
      (7000 * input + 2000 * input * 1.25 + 1000 * input * 2 + 500 * output) / 1e6;
    for (const [name, model, input, output] of [
      ['vertexGlobal', 'claude-sonnet-4-5@20250929', 3, 15],
      ['vertex', 'claude-sonnet-4-6', 3.3, 16.5],
      ['bedrock', 'global.anthropic.claude-sonnet-4-5-20250929-v1:0', 3, 15],
      ['bedrock', 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0', 3.3, 16.5],
      ['azure', 'claude-opus-4-8', 5, 25],
    ] as const) {
      expect(cost(name, model, { counts }), model).to.be.closeTo(dollars(input, output), 1e-9);
    }
    expect(cost('vertex', 'gemini-2.5-pro', { counts })).to.equal(null);
  });

  it('has a tenth more for newer models of Claude in a place of Vertex, and for those that may not leave a country', () => {
    // platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai and data-residency.
    const counts = { input: 1000, cache_read: 400, output: 100 };
    const used = (600 * 3 + 400 * 0.3 + 100 * 15) / 1e6;
    const at = (baseUrl: string, model: string, geo?: 'us') => {
      const found = list.find({ baseUrl, pricedAs: 'google' }, model);
      return found === null
        ? null
        : (costOf(found.table, { counts }, Date.parse('2026-11-27'), geo) ?? Number.NaN) / 1e9;
    };
    const [sonnet, older] = ['claude-sonnet-4-5@20250929', 'claude-3-7-sonnet@20250219'];
    for (const place of [addresses.vertex, 'https://aiplatform.eu.rep.googleapis.com']) {
      expect(at(place, sonnet), place).to.be.closeTo(used * 1.1, 1e-9);
      expect(at(place, older), place).to.be.closeTo(used, 1e-9);
    }
    expect(at(addresses.vertexGlobal, sonnet)).to.be.closeTo(used, 1e-9);
    expect(at(addresses.vertexGlobal, sonnet, 'us')).to.be.closeTo(used, 1e-9);
    expect(at(addresses.vertex, 'gemini-2.5-pro')).to.equal(at(addresses.vertexGlobal, 'gemini-2.5-pro'));
    expect(at(addresses.anthropic, 'claude-sonnet-4-5')).to.be.closeTo(used, 1e-9);
    expect(at(addresses.anthropic, 'claude-sonnet-4-5', 'us')).to.be.closeTo(used * 1.1, 1e-9);
  });

  it("has OpenAI's prices for searches, and none for what is not said", () => {
    // https://developers.openai.com/api/docs/pricing#built-in-tools: web search 10.00 for a thousand calls.
    const used = { counts: { input: 1000, output: 100 }, serverTools: { web_search: 2 } };
    expect(cost('openai', 'gpt-5', used)).to.equal((1000 * 1.25 + 100 * 10) / 1e6 + 0.02);
    expect(cost('openai', 'gpt-5', { ...used, serverTools: { code_execution: 1 } })).to.equal(null);
    expect(cost('openai', 'gpt-5', { counts: { input: 1 }, tier: 'priority' })).to.equal(null);
    // Its audio is billed by other prices, which the list does not have.
    expect(cost('openai', 'gpt-4o-audio-preview', { counts: { input: 10, input_audio: 5 } })).to.equal(null);
  });

  it('has the images of models that make them', () => {
    // https://developers.openai.com/api/docs/models/gpt-image-1: text 5.00, images in 10.00, images out 40.00.
    const counts = { input: 120, input_image: 100, output: 4160, output_image: 4160 };
    expect(cost('openai', 'gpt-image-1', { counts })).to.equal((20 * 5 + 100 * 10 + 4160 * 40) / 1e6);
    // https://ai.google.dev/gemini-api/docs/pricing#gemini-2.5-flash-image: 1,290 tokens are $0.0387.
    const image = { output: 1290, output_image: 1290 };
    expect(cost('google', 'gemini-2.5-flash-image', { counts: image })).to.equal(0.0387);
  });

  it("has Anthropic's writes to a cache for five minutes and for an hour", () => {
    // https://platform.claude.com/docs/en/about-claude/pricing: Sonnet 4.5 3, 3.75, 6, 0.30, 15.
    const counts = { input: 10_000, cache_read: 4000, cache_write: 3000, cache_write_1h: 1000, output: 500 };
    const expected = (3000 * 3 + 4000 * 0.3 + 2000 * 3.75 + 1000 * 6 + 500 * 15) / 1e6;
    expect(cost('anthropic', 'claude-sonnet-4-5-20250929', { counts })).to.equal(expected);
  });

  it('has searches at Anthropic by the thousand, and fetched pages for nothing', () => {
    // https://platform.claude.com/docs/en/about-claude/pricing: searches 10 for a thousand, no charge for web fetch.
    const used = { counts: { input: 1000, output: 100 }, serverTools: { web_search: 1, web_fetch: 5 } };
    expect(cost('anthropic', 'claude-opus-4-5', used)).to.equal((1000 * 5 + 100 * 25) / 1e6 + 0.01);
  });

  it("has Gemini's prices for prompts above 200,000 tokens, for all of their tokens", () => {
    // https://ai.google.dev/gemini-api/docs/pricing#gemini-2.5-pro: 1.25 and 10, above 200k 2.50 and 15.
    const of = (input: number) => cost('google', 'gemini-2.5-pro', { counts: { input, output: 1000 } });
    expect(of(200_000)).to.equal((200_000 * 1.25 + 1000 * 10) / 1e6);
    expect(of(200_001)).to.equal((200_001 * 2.5 + 1000 * 15) / 1e6);
    // The same page: cached 0.125, above 200k 0.25; those count as part of the prompt.
    const cached = { input: 300_000, cache_read: 250_000 };
    expect(cost('google', 'gemini-2.5-pro', { counts: cached })).to.equal((50_000 * 2.5 + 250_000 * 0.25) / 1e6);
  });

  it("has Gemini's price of audio, which is that of texts where no other is named", () => {
    // https://ai.google.dev/gemini-api/docs/pricing#gemini-2.5-flash: 0.30, audio 1.00, cached 0.03, cached audio 0.10.
    const counts = { input: 1000, input_audio: 600, cache_read: 300, cache_read_audio: 200 };
    const expected = (300 * 0.3 + 400 * 1 + 100 * 0.03 + 200 * 0.1) / 1e6;
    expect(cost('google', 'gemini-2.5-flash', { counts })).to.equal(expected);
    expect(cost('google', 'gemini-2.5-pro', { counts: { input: 1000, input_audio: 600 } })).to.equal(0.00125);
  });

  it("has DeepSeek's hours", () => {
    // https://api-docs.deepseek.com/quick_start/pricing: peak is UTC 01:00-04:00 and 06:00-10:00, twice the other price.
    const counts = { input: 1_000_000, cache_read: 500_000, output: 100_000 };
    const at = (time: string) => cost('deepseek', 'deepseek-v4-flash', { counts }, `2026-11-27T${time}Z`);
    const [usual, peak] = [0.5 * 0.22 + 0.5 * 0.007 + 0.1 * 0.66, 0.5 * 0.44 + 0.5 * 0.014 + 0.1 * 1.32];
    expect(at('00:59:59')).to.be.closeTo(usual, 1e-9);
    expect(at('01:00:00')).to.be.closeTo(peak, 1e-9);
    expect(at('04:00:00')).to.be.closeTo(usual, 1e-9);
    expect(at('09:59:59')).to.be.closeTo(peak, 1e-9);
  });

  it('has prices that change on a day', () => {
    // https://ai.google.dev/gemini-api/docs/pricing: gemini-3.6-flash 0.75 through December 31, 2026, then 1.50.
    const on = (day: string) =>
      cost('google', 'gemini-3.6-flash', { counts: { input: 1_000_000 } }, `${day}T00:00:00Z`);
    expect([on('2026-12-31'), on('2027-01-01')]).to.deep.equal([0.75, 1.5]);
  });

  it('has a price for each request where the provider has one', () => {
    // https://docs.perplexity.ai/getting-started/pricing: sonar-pro 3 and 15, and a fee for each request.
    const found = list.find({ baseUrl: addresses.perplexity }, 'sonar-pro');
    expect(found?.table.periods[0]?.rates.request).to.be.greaterThan(0);
  });

  it('knows what models are free, and which have no price for tokens', () => {
    expect(cost('openrouter', 'deepseek/deepseek-r1:free', { counts: { input: 10, output: 10 } })).to.equal(0);
    expect(cost('openai', 'whisper-1', { counts: { input: 10 } })).to.equal(null);
  });

  it('finds a model by the names that Bedrock, Vertex, Azure and Fireworks give it', () => {
    const haiku = 'anthropic.claude-haiku-4-5-20251001-v1:0';
    expect(modelAt(addresses.bedrock, `global.${haiku}`)).to.equal(`global.${haiku}`);
    for (const region of ['us', 'eu', 'jp']) {
      expect(modelAt(addresses.bedrock, `${region}.${haiku}`), region).to.equal(`regional.${haiku}`);
    }
    const profile = 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0';
    expect(modelAt(addresses.bedrock, profile)).to.equal('amazon.nova-pro-v1:0');
    expect(modelAt(addresses.vertex, 'claude-sonnet-4-5@20250929')).to.equal('claude-sonnet-4-5');
    expect(modelAt(addresses.vertex, 'publishers/google/models/gemini-2.5-pro')).to.equal('gemini-2.5-pro');
    expect(modelAt(addresses.vertex, 'google/gemini-2.5-pro')).to.equal('gemini-2.5-pro');
    expect(modelAt(addresses.google, 'models/gemini-2.5-flash')).to.equal('gemini-2.5-flash');
    expect(modelAt(addresses.azure, 'gpt-4o-2024-08-06')).to.equal('gpt-4o');
    expect(modelAt(addresses.fireworks, 'accounts/fireworks/models/deepseek-v3p2')).to.equal('deepseek-v3p2');
  });

  it('has no price for a name that is its owner’s alone, nor at an address that it does not know', () => {
    expect(modelAt(addresses.azure, 'our-deployment')).to.equal(null);
    expect(modelAt(addresses.bedrock, 'arn:aws:bedrock:us-east-1:1:application-inference-profile/abc')).to.equal(null);
    expect(modelAt('http://127.0.0.1:11434/v1', 'gpt-4o')).to.equal(null);
    expect(modelAt('https://proxy.example/v1', 'gpt-4o')).to.equal(null);
  });

  it('takes a provider by its type where the address says nothing', () => {
    expect(modelAt('https://proxy.example/v1', 'llama-3.3-70b-versatile', 'groq')).to.equal('llama-3.3-70b-versatile');
    expect(modelAt('https://api.openai.com/v1', 'gpt-4o', 'groq')).to.equal('gpt-4o');
  });

  it('has every provider that a type names', async () => {
    const ids = ((await waitForUpdate()) ?? []).map(({ id }) => id);
    const named = providers.flatMap(({ pricedAs }) => pricedAs ?? []);
    expect(named).to.include('aws');
    expect(named.filter((id) => !ids.includes(id))).to.deep.equal([]);
  });

  it('reads every price that it has', () => {
    const everywhere = list.findAll('gpt-4o');
    expect(everywhere.map(({ providerId }) => providerId)).to.include.members(['openai', 'azure']);
  });
});
