import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { tryProvider } from '../../../src/cli/live-check.ts';
import { type RunningMock, startMock } from '../../../src/mock/server.ts';
import { dialectsAt, providerOf } from '../../../src/providers/registry.ts';
import type { ProviderConfig, ProviderKey, TargetConfig } from '../../../src/shared/config.ts';
import { load, smallest } from '../../helpers/config-text.ts';
import { testKey } from '../../helpers/test-config.ts';

function providerAt(type: 'openai' | 'anthropic', port: number): [ProviderConfig, ProviderKey, TargetConfig] {
  const { providers, models } = load(smallest);
  const target = models['gpt-4']?.targets[0];
  if (providers.local === undefined || target === undefined) throw new Error('the fixture lacks its provider');
  const baseUrl = `http://127.0.0.1:${port}${type === 'openai' ? '/v1' : ''}`;
  const dialects = dialectsAt(providerOf(type), baseUrl);
  const key = testKey('sk-canary');
  return [{ ...providers.local, type, baseUrl, dialects, keys: [key] }, key, target];
}

describe('tryProvider', () => {
  let mock: RunningMock | undefined;
  afterEach(() => mock?.close());

  for (const dialect of ['openai', 'anthropic'] as const) {
    it(`gets a completion from ${dialect}`, async () => {
      mock = await startMock({ dialect, port: 0 });
      const result = await tryProvider(...providerAt(dialect, mock.port));
      expect(result).to.include({ fine: true, message: '' });
    });
  }

  it('gets a response where a provider has nothing else for chats', async () => {
    mock = await startMock({ dialect: 'openai', port: 0 });
    const [provider, key, target] = providerAt('openai', mock.port);
    const result = await tryProvider({ ...provider, dialects: ['openai-responses'] }, key, target);
    expect(result).to.include({ fine: true, message: '' });
  });

  it('asks with the key that it is given', async () => {
    const seen: (string | undefined)[] = [];
    mock = await startMock({
      dialect: 'openai',
      port: 0,
      observe: ({ headers }) => seen.push(headers.authorization),
    });
    const [provider, key, target] = providerAt('openai', mock.port);
    for (const each of [key, testKey('sk-other', { name: 'other' })]) await tryProvider(provider, each, target);
    expect(seen).to.deep.equal(['Bearer sk-canary', 'Bearer sk-other']);
  });

  it('returns the status and the message of a refusal', async () => {
    mock = await startMock({ dialect: 'openai', port: 0 });
    const body = { error: { message: 'no such\nmodel' } };
    await fetch(`http://127.0.0.1:${mock.port}/_mock/fault`, {
      method: 'PUT',
      body: JSON.stringify({ kind: 'status', status: 404, body }),
    });
    const result = await tryProvider(...providerAt('openai', mock.port));
    expect(result).to.include({ fine: false, message: '404 no such model' });
  });

  it('asks nothing of a provider without an API for chats', async () => {
    const [provider, key, target] = providerAt('openai', 1);
    expect(await tryProvider({ ...provider, dialects: ['openai-embeddings'] }, key, target)).to.equal(null);
  });

  it('fetches credentials where a provider has no key, and says why there are none', async () => {
    mock = await startMock({ dialect: 'openai', port: 0 });
    const [provider, , target] = providerAt('openai', mock.port);
    const none = testKey('');
    const signed = { ...provider, type: 'bedrock', dialects: ['openai-chat'], keys: [none] };
    const gpt = { ...target, model: 'us.openai.gpt-6-sol' };
    const settings = { region: 'eu-central-1', access_key_id: 'AKIDEXAMPLE', secret_access_key: 'secret' };
    const baseUrl = `http://127.0.0.1:${mock.port}`;
    const result = await tryProvider({ ...signed, baseUrl, settings }, none, gpt);
    expect(result?.message, 'it is asked, at a path that the fake one does not have').to.match(/^404/);
    const elsewhere = { region: 'eu-central-1', role_arn: 'arn', web_identity_token_file: '/none' };
    const without = await tryProvider({ ...signed, settings: elsewhere }, none, gpt);
    expect(without).to.include({ fine: false, message: 'without credentials: there is no file /none' });
  });

  it('returns the error code and the address if there is no answer', async () => {
    mock = await startMock({ dialect: 'openai', port: 0 });
    const { port } = mock;
    await mock.close();
    const result = await tryProvider(...providerAt('openai', port));
    expect(result).to.include({ fine: false, message: `ECONNREFUSED at 127.0.0.1:${port}` });
  });
});
