import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { tryProvider } from '../../../src/cli/live-check.ts';
import { type RunningMock, startMock } from '../../../src/mock/server.ts';
import { dialectsAt, providerOf } from '../../../src/providers/registry.ts';
import type { ProviderConfig, TargetConfig } from '../../../src/shared/config.ts';
import { load, smallest } from '../../helpers/config-text.ts';

function providerAt(type: 'openai' | 'anthropic', port: number): [ProviderConfig, TargetConfig] {
  const { providers, models } = load(smallest);
  const target = models['gpt-4']?.targets[0];
  if (providers.local === undefined || target === undefined) throw new Error('the fixture lacks its provider');
  const baseUrl = `http://127.0.0.1:${port}${type === 'openai' ? '/v1' : ''}`;
  const dialects = dialectsAt(providerOf(type), baseUrl);
  return [{ ...providers.local, type, baseUrl, dialects, apiKey: 'sk-canary' }, target];
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
    const [provider, target] = providerAt('openai', mock.port);
    const result = await tryProvider({ ...provider, dialects: ['openai-responses'] }, target);
    expect(result).to.include({ fine: true, message: '' });
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
    const [provider, target] = providerAt('openai', 1);
    expect(await tryProvider({ ...provider, dialects: ['openai-embeddings'] }, target)).to.equal(null);
  });

  it('fetches credentials where a provider has no key, and says why there are none', async () => {
    mock = await startMock({ dialect: 'openai', port: 0 });
    const [provider, target] = providerAt('openai', mock.port);
    const signed = { ...provider, type: 'bedrock', dialects: ['openai-chat'], apiKey: '' };
    const gpt = { ...target, model: 'us.openai.gpt-6-sol' };
    const settings = { region: 'eu-central-1', access_key_id: 'AKIDEXAMPLE', secret_access_key: 'secret' };
    const baseUrl = `http://127.0.0.1:${mock.port}`;
    const result = await tryProvider({ ...signed, baseUrl, settings }, gpt);
    expect(result?.message, 'it is asked, at a path that the fake one does not have').to.match(/^404/);
    const elsewhere = { region: 'eu-central-1', role_arn: 'arn', web_identity_token_file: '/none' };
    const without = await tryProvider({ ...signed, settings: elsewhere }, gpt);
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
