/** The lists of models of the fake providers, as official clients and `headgate models` read them. */
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import OpenAI from 'openai';
import { listModels, readModelList } from '../../../src/cli/model-list.ts';
import { load } from '../../helpers/config-text.ts';
import { useMock } from './running-mock.ts';

/** What the command reads from a provider of this type at this address. */
async function listed(type: string, baseUrl: string): Promise<string[]> {
  const { one } = load(`
providers: { one: { type: ${type}, base_url: "${baseUrl}", api_key: any-key-of-a-fake } }
models: { m: { targets: [{ provider: one, model: m }] } }
`).providers;
  if (one === undefined) throw new Error('the configuration has its provider');
  return (await listModels(one)).map(({ id }) => id);
}

describe('the models of the fake OpenAI', () => {
  const mock = useMock('openai');

  it('are listed with and without the version in the address', async () => {
    const { data } = await new OpenAI({ apiKey: 'any', baseURL: `${mock.url}/v1` }).models.list();
    const names = data.map(({ id }) => id);
    expect(names).to.include('gpt-4');
    expect(await listed('openai', `${mock.url}/v1`)).to.deep.equal(names);
    expect(await listed('openai', mock.url)).to.deep.equal(names);
  });
});

describe('the models of the fake Anthropic', () => {
  const mock = useMock('anthropic');

  it('are listed', async () => {
    const { data } = await new Anthropic({ apiKey: 'any', baseURL: mock.url }).models.list();
    expect(await listed('anthropic', mock.url)).to.deep.equal(data.map(({ id }) => id));
  });
});

describe('the models of the fake Gemini', () => {
  const mock = useMock('gemini');

  it('are listed in its own API and in the compatible one', async () => {
    const names = await listed('gemini', mock.url);
    expect(names).to.include('gemini-2.5-flash');
    const own = await new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: mock.url } }).models.list();
    expect(own.page.map(({ name }) => name)).to.deep.equal(names.map((name) => `models/${name}`));
    const { data } = await new OpenAI({ apiKey: 'any', baseURL: `${mock.url}/v1beta/openai` }).models.list();
    expect(data.map(({ id }) => id)).to.deep.equal(names.map((name) => `models/${name}`));
  });
});

describe('the models of the fake Bedrock', () => {
  const mock = useMock('bedrock');

  it('are listed as its control plane does', async () => {
    const answer = await fetch(`${mock.url}/foundation-models`);
    expect(answer.status).to.equal(200);
    expect(readModelList(await answer.json())?.map(({ id }) => id)).to.include('amazon.nova-lite-v1:0');
  });

  it('are at no path of another API', async () => {
    expect((await fetch(`${mock.url}/v1/models`)).status).to.equal(404);
  });
});
