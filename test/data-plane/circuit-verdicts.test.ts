/**
 * What an attempt says to the circuits of its target and of its provider: whatever keeps a connection from being made is
 * the provider's, whatever happens on one is the target's. Over real sockets.
 */
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { freePort } from '../../scripts/processes/free-port.ts';
import type { FaultInput } from '../../src/mock/faults.ts';
import type { RunningMock } from '../../src/mock/server.ts';
import type { Config, TimeoutOptions } from '../../src/shared/config.ts';
import type { AttemptEnded, WorkerEvent } from '../../src/shared/events.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { testConfig, testModel } from '../helpers/test-config.ts';
import { planeFixture } from './plane-fixture.ts';

const attemptsOf = (events: readonly WorkerEvent[]) =>
  events.filter((event): event is AttemptEnded => event.type === 'attempt-ended');

/** The target's verdict and the provider's. */
const verdictsOf = ({ verdict, providerVerdict = verdict }: AttemptEnded) => [verdict, providerVerdict];

describe('the verdicts of an attempt', () => {
  const { mock, close } = planeFixture();
  let openai: RunningMock;
  let gateway: RunningPlane | null = null;

  beforeEach(async () => {
    openai = await mock('openai');
  });
  afterEach(async () => {
    await gateway?.close();
    gateway = null;
    await close();
  });

  const limits = { retry: { attempts: 1 } };
  /** The limit that ends an attempt with that fault is short, and no other. */
  const short: Readonly<Record<string, Partial<TimeoutOptions>>> = {
    'slow-headers': { headersMs: 60 },
    'slow-first-content': { firstContentMs: 60 },
  };

  /** One request's last attempt at a provider of that configuration. */
  async function attemptAt(config: Config, stream = false): Promise<AttemptEnded | undefined> {
    gateway = await startPlane(config);
    await (await gateway.ask({ stream })).text();
    return attemptsOf(gateway.events).at(-1);
  }

  function reachedAt(baseUrl: string): Config {
    const config = testConfig({ openai: openai.port, ...limits });
    const provider = config.providers.openai;
    return provider === undefined ? config : { ...config, providers: { openai: { ...provider, baseUrl } } };
  }

  it('are nothing and a failure where nobody listens', async () => {
    const attempt = await attemptAt(reachedAt(`http://127.0.0.1:${await freePort()}/v1`));
    expect(attempt && verdictsOf(attempt)).to.deep.equal(['neutral', 'failure']);
    expect(attempt?.outcome).to.equal('connect_error');
    expect(attempt).to.not.have.property('body');
  });

  it('are nothing and a failure where the name does not resolve', async () => {
    const attempt = await attemptAt(reachedAt('http://nobody.invalid/v1'));
    expect(attempt && verdictsOf(attempt)).to.deep.equal(['neutral', 'failure']);
  });

  it('are nothing and a failure where no TLS is spoken', async () => {
    const attempt = await attemptAt(reachedAt(`https://127.0.0.1:${openai.port}/v1`));
    expect(attempt && verdictsOf(attempt)).to.deep.equal(['neutral', 'failure']);
  });

  const onConnection: readonly (readonly [FaultInput | null, boolean, string, string])[] = [
    [null, false, 'success', 'success'],
    [null, true, 'success', 'success'],
    [{ kind: 'status', status: 500 }, false, 'failure', 'success'],
    [{ kind: 'status', status: 400 }, false, 'neutral', 'success'],
    [{ kind: 'status', status: 429, retryAfter: 60 }, false, 'neutral', 'success'],
    [{ kind: 'bad-json' }, false, 'failure', 'success'],
    [{ kind: 'cut', afterChunks: 0 }, true, 'failure', 'success'],
    [{ kind: 'slow-first-content', ms: 30_000 }, true, 'failure', 'success'],
    [{ kind: 'slow-headers', ms: 30_000 }, true, 'failure', 'neutral'],
    [{ kind: 'reset' }, false, 'failure', 'neutral'],
  ];
  for (const [fault, stream, ofTarget, ofProvider] of onConnection) {
    const what = fault === null ? 'answer' : `${fault.kind}${fault.kind === 'status' ? ` ${fault.status}` : ''}`;
    it(`are ${ofTarget} and ${ofProvider} for a ${stream ? 'streamed' : 'plain'} ${what}`, async () => {
      if (fault !== null) openai.control.setFault(fault);
      const timeouts = short[fault?.kind ?? ''] ?? {};
      const attempt = await attemptAt(testConfig({ openai: openai.port, timeouts, ...limits }), stream);
      expect(attempt && verdictsOf(attempt)).to.deep.equal([ofTarget, ofProvider]);
    });
  }

  it('carry a mark of the body, the same for the same body, however long', async () => {
    openai.control.setFault({ kind: 'status', status: 500, times: 2 });
    const { ask, events } = await startedWith(testConfig({ openai: openai.port, ...limits }));
    const long = 'long '.repeat(20_000);
    for (const content of ['same', 'other', 'same', long, long, `${long}!`, `!${long}`]) {
      await ask({ messages: [{ role: 'user', content }] });
    }
    const marks = attemptsOf(events).map(({ body }) => body);
    expect(marks.map((mark) => marks.indexOf(mark))).to.deep.equal([0, 1, 0, 3, 3, 5, 6]);
  });

  it('carry no mark where they say nothing of the target', async () => {
    openai.control.setFault({ kind: 'status', status: 400 });
    expect(await attemptAt(testConfig({ openai: openai.port, ...limits }))).to.not.have.property('body');
  });

  it('say which attempt at its target it was, where that is not the one at its provider', async () => {
    const config = testConfig({ openai: openai.port });
    const [target] = config.models['gpt-4']?.targets ?? [];
    if (target === undefined) throw new Error('the configuration has no target');
    const hurried = { ...target, timeouts: { ...target.timeouts, headersMs: 60 } };
    openai.control.setFault({ kind: 'slow-headers', ms: 30_000, model: 'gpt-4' });
    const models = { 'gpt-4': testModel('gpt-4', [hurried, { ...target, model: 'gpt-4o' }]) };
    const { ask, events } = await startedWith({ ...config, models });
    await (await ask({ stream: true })).text();
    expect(
      attemptsOf(events).map(({ model, attempt, targetAttempt = attempt }) => [model, attempt, targetAttempt]),
    ).to.deep.equal([
      ['gpt-4', 1, 1],
      ['gpt-4o', 2, 1],
    ]);
  });

  it('of a probe close the circuit of the provider with its status line', async () => {
    openai.control.setFault({ kind: 'slow-first-content', ms: 30 });
    const { ask, events, view } = await startedWith(testConfig({ openai: openai.port }));
    view([{ provider: 'openai', model: null, state: 'half-open', remainingMs: 0 }]);
    await (await ask({ stream: true })).text();
    const successes = events.filter((event) => event.type === 'probe-succeeded').map(({ model }) => model);
    expect(successes).to.deep.equal([null, 'gpt-4']);
  });

  async function startedWith(config: Config): Promise<RunningPlane> {
    gateway = await startPlane(config);
    return gateway;
  }
});
