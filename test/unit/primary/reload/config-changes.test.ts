import { expect } from 'chai';
import { describe, it } from 'mocha';
import { describeChanges } from '../../../../src/primary/reload/config-changes.ts';
import type { Config } from '../../../../src/shared/config.ts';
import { testConfig, testKey } from '../../../helpers/test-config.ts';

describe('the changes of a reload', () => {
  const before = testConfig({ openai: 1, anthropic: 2 });
  const { openai, anthropic } = before.providers;

  function changed(parts: Partial<Config>): string[] {
    return describeChanges(before, { ...before, ...parts });
  }

  it('are empty if nothing differs', () => {
    expect(describeChanges(before, structuredClone(before))).to.deep.equal([]);
  });

  it('name providers that are added, removed or changed, never with a value', () => {
    if (openai === undefined || anthropic === undefined) throw new Error('the test needs both providers');
    const providers = {
      openai: { ...openai, keys: [testKey('a-new-secret')], baseUrl: 'http://127.0.0.1:3/v1', account: 'another' },
      azure: anthropic,
    };
    expect(changed({ providers })).to.deep.equal([
      'providers.openai: base_url, api_key changed',
      'providers.anthropic: removed',
      'providers.azure: added',
    ]);
  });

  it('name models and other parts', () => {
    expect(changed({ models: {}, log: { level: 'error', requests: 'all' }, watchdogMs: 1 })).to.deep.equal([
      'models.gpt-4: removed',
      'log: changed',
      'watchdog: changed',
    ]);
  });
});
