/** Headers that the configuration has for a provider, on their way through a data plane. */
import type { IncomingHttpHeaders } from 'node:http';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { testConfig } from '../helpers/test-config.ts';
import { planeFixture } from './plane-fixture.ts';

describe('the headers of a provider', () => {
  const fixture = planeFixture();
  let plane: RunningPlane | undefined;
  let seen: IncomingHttpHeaders[] = [];
  afterEach(async () => {
    await plane?.close();
    await fixture.close();
    seen = [];
  });

  async function start(type: 'openai' | 'anthropic', headers: Readonly<Record<string, string>>): Promise<RunningPlane> {
    const mock = await fixture.mock(type, (request) => seen.push(request.headers));
    const config = testConfig({ openai: mock.port, anthropic: mock.port });
    const provider = config.providers[type];
    const model = config.models['gpt-4'];
    if (provider === undefined || model === undefined) throw new Error('the configuration has another form');
    const targets = model.targets.filter((target) => target.provider === type);
    plane = await startPlane({
      ...config,
      providers: { [type]: { ...provider, headers } },
      models: { 'gpt-4': { ...model, targets } },
    });
    return plane;
  }

  it('are sent with every request, whole or streamed, and go before those of a client', async () => {
    const { ask } = await start('openai', { 'openai-organization': 'org-1', 'x-team': 'a b' });
    const sent = { 'content-type': 'application/json', 'openai-organization': 'org-2', 'x-team': 'mine' };
    for (const stream of [false, true]) await (await ask({ stream }, { headers: sent })).text();
    expect(seen).to.have.lengthOf(2);
    for (const headers of seen) expect(headers).to.include({ 'openai-organization': 'org-1', 'x-team': 'a b' });
  });

  it('are sent where a request is translated, too', async () => {
    const { ask } = await start('anthropic', { 'anthropic-beta': 'a, b' });
    expect((await ask()).status).to.equal(200);
    expect(seen[0]).to.include({ 'anthropic-beta': 'a, b', 'anthropic-version': '2023-06-01' });
  });

  it('add up with the betas that a client asks for', async () => {
    const { url } = await start('anthropic', { 'anthropic-beta': 'a, b' });
    const answer = await fetch(`${url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'anthropic-beta': 'c,b' },
      body: JSON.stringify({ model: 'gpt-4', max_tokens: 5, messages: [{ role: 'user', content: 'Hello' }] }),
    });
    expect(answer.status).to.equal(200);
    expect(seen[0]?.['anthropic-beta']).to.equal('a,b,c');
  });
});
