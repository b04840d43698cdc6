/** A configuration with one model `m` of a provider at Google, in place of which a server on this host answers. */
import { dialectsAt, providerOf } from '../../src/providers/registry.ts';
import type { Config } from '../../src/shared/config.ts';
import { type TestConfigOptions, testConfig, testKey, testModel } from './test-config.ts';

/** The project and the location at Vertex. */
export const place = { project: 'tides', location: 'europe-west1' };

/** @param model its name at the provider @param options of the providers, without those that this is about */
export function googleConfig(
  type: 'gemini' | 'vertex',
  port: number,
  model: string,
  options: Omit<TestConfigOptions, 'openai'> = {},
): Config {
  const base = testConfig({ ...options, openai: port });
  const [target] = base.models['gpt-4']?.targets ?? [];
  const given = base.providers.openai;
  if (target === undefined || given === undefined) throw new Error('the configuration has openai');
  const baseUrl = `http://127.0.0.1:${port}`;
  const google = {
    ...given,
    name: 'google',
    type,
    baseUrl,
    dialects: dialectsAt(providerOf(type), baseUrl),
    settings: type === 'vertex' ? place : {},
    keys: [testKey('key-of-google')],
  };
  return { ...base, providers: { google }, models: { m: testModel('m', [{ ...target, provider: 'google', model }]) } };
}
