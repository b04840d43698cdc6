/** A target at Bedrock before another one: what its failures, in its head and in its frames, make of a request. */
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { FaultInput } from '../../src/mock/faults.ts';
import { type RunningMock, startMock } from '../../src/mock/server.ts';
import type { Config } from '../../src/shared/config.ts';
import type { AttemptOutcome } from '../../src/shared/events.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { testConfig } from '../helpers/test-config.ts';

/** The model of `testConfig`, whose first target is at Bedrock. */
function configOf(bedrock: number, openai: number): Config {
  const base = testConfig({ openai });
  const [spare] = base.models['gpt-4']?.targets ?? [];
  const [model, like] = [base.models['gpt-4'], base.providers.openai];
  if (spare === undefined || model === undefined || like === undefined) throw new Error('the configuration has them');
  const aws = {
    ...like,
    name: 'aws',
    type: 'bedrock',
    baseUrl: `http://127.0.0.1:${bedrock}`,
    dialects: ['bedrock-converse'],
    account: 'aws',
    settings: { region: 'eu-central-1' },
  };
  const targets = [
    { ...spare, provider: 'aws', model: 'amazon.nova-pro-v1:0' },
    { ...spare, level: 1 },
  ];
  return { ...base, providers: { ...base.providers, aws }, models: { 'gpt-4': { ...model, targets } } };
}

const status = (code: number, message: string): FaultInput => ({ kind: 'status', status: code, body: { message } });

/** What Bedrock does, and what its attempt is counted as. */
const failures: readonly (readonly [fault: FaultInput, outcome: AttemptOutcome])[] = [
  [{ kind: 'bad-chunk', afterChunks: 0 }, 'bad_response'],
  [{ kind: 'end-early', afterChunks: 0, inside: true }, 'stream_cut'],
  [{ kind: 'error-in-stream', afterChunks: 0 }, 'server_error'],
  [{ kind: 'status', status: 503 }, 'server_error'],
  [{ kind: 'status', status: 424 }, 'server_error'],
  [status(429, 'Too many requests, please wait before trying again.'), 'rate_limited'],
  [status(403, 'The security token included in the request is expired'), 'auth_error'],
  [status(403, "You don't have access to the model with the specified model ID."), 'model_unavailable'],
];

describe('a target at Bedrock', () => {
  let [aws, openai]: RunningMock[] = [];
  let plane: RunningPlane;
  beforeEach(async () => {
    [aws, openai] = [await startMock({ dialect: 'bedrock', port: 0 }), await startMock({ dialect: 'openai', port: 0 })];
    plane = await startPlane(configOf(aws.port, openai.port));
  });
  afterEach(async () => {
    await plane.close();
    await aws?.close();
    await openai?.close();
  });

  const asked = () => plane.ask({ stream: true }).then((response) => response.text());

  it('answers', async () => {
    expect(await asked())
      .to.include('bedrock')
      .and.to.include('[DONE]');
    expect(plane.count({ type: 'attempt-ended', provider: 'aws', outcome: 'success' })).to.equal(1);
  });

  for (const [fault, outcome] of failures) {
    it(`that fails before its content is left for the next one: ${JSON.stringify(fault)}`, async () => {
      aws?.control.setFault(fault);
      expect(await asked())
        .to.include('openai')
        .and.to.include('[DONE]');
      expect(plane.count({ type: 'attempt-ended', provider: 'aws', outcome })).to.be.above(0);
      expect(plane.count({ type: 'attempt-ended', provider: 'openai', outcome: 'success' })).to.equal(1);
    });
  }

  it('that fails behind its content ends the stream as broken', async () => {
    for (const fault of [
      { kind: 'bad-chunk', afterChunks: 2 },
      { kind: 'end-early', afterChunks: 2, inside: true },
      { kind: 'error-in-stream', afterChunks: 2 },
    ] as const) {
      aws?.control.setFault(fault);
      const response = await plane.ask({ stream: true });
      const text = await response.text().catch(() => 'cut');
      expect(text).to.not.include('[DONE]');
    }
    expect(plane.count({ type: 'attempt-ended', provider: 'openai' })).to.equal(0);
  });

  it('that finds a prompt too long tells the client so, and harms no circuit', async () => {
    aws?.control.setFault(status(400, 'Input is too long for requested model.'));
    const response = await plane.ask({ stream: true });
    expect(response.status).to.equal(400);
    const body = (await response.json()) as { error: object };
    expect(body.error).to.include({ code: 'context_length_exceeded' });
  });
});
