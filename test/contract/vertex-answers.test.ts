/**
 * Anthropic's models in a project of Google's cloud: recorded answers, over sockets through a data plane. The official client of
 * Anthropic reads what it reads in the recording, and the request is the client's but for what Vertex has in the path.
 */
import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import OpenAI from 'openai';
import { asRecord } from '../../src/shared/json.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { googleConfig } from '../helpers/google-config.ts';
import { contentOfCompletion, contentOfMessage } from './answer-content.ts';
import { linesOf, streams, wholeAnswers } from './recordings.ts';
import { Replay } from './replay.ts';
import { framed } from './translate.ts';

const params = { model: 'm', max_tokens: 10, messages: [{ role: 'user' as const, content: 'hi' }] };
const options = { apiKey: 'any', maxRetries: 0 };
const place = '/v1/projects/tides/locations/europe-west1/publishers/anthropic/models/claude-sonnet-4-5%4020250929';

describe('Claude on Vertex', () => {
  let replay: Replay;
  let plane: RunningPlane;
  let theirs: Anthropic;
  let ours: Anthropic;
  before(async () => {
    replay = await Replay.start();
    const port = Number(new URL(replay.url).port);
    plane = await startPlane(googleConfig('vertex', port, 'claude-sonnet-4-5@20250929'));
    theirs = new Anthropic({ ...options, baseURL: replay.url });
    ours = new Anthropic({ ...options, baseURL: plane.url });
  });
  after(async () => {
    await plane.close();
    await replay.stop();
  });

  for (const recording of wholeAnswers('anthropic')) {
    it(`says what it says at Anthropic: ${recording.name}`, async () => {
      replay.answerWith('application/json', Buffer.from(recording.text));
      const expected = await theirs.messages.create(params);
      expect(await ours.messages.create(params)).to.deep.equal(expected);
      expect(replay.seen?.path).to.equal(`${place}:rawPredict`);
    });
  }

  for (const recording of streams('anthropic')) {
    it(`streams what it streams at Anthropic: ${recording.name}`, async () => {
      replay.answerWith('text/event-stream', framed('anthropic', linesOf(recording)));
      const expected = await theirs.messages.stream(params).finalMessage();
      expect(await ours.messages.stream(params).finalMessage()).to.deep.equal(expected);
      expect(replay.seen?.path).to.equal(`${place}:streamRawPredict`);
    });
  }

  it('gets the client’s own request, without the model and with the version that Vertex has in the body', async () => {
    const [recording] = wholeAnswers('anthropic');
    replay.answerWith('application/json', Buffer.from(recording?.text ?? ''));
    const { model: _, ...rest } = params;
    await ours.messages.create(params);
    expect(replay.seen?.body).to.deep.equal({ ...rest, anthropic_version: 'vertex-2023-10-16' });
    await ours.messages.create(params, { headers: { 'anthropic-beta': 'one,two' } });
    expect(replay.seen?.headers).to.include({ authorization: 'Bearer key-of-google', 'anthropic-beta': 'one,two' });
    expect(replay.seen?.headers).to.not.have.property('x-api-key');
  });

  it('answers a client of chats through Anthropic’s dialect', async () => {
    for (const recording of wholeAnswers('anthropic')) {
      replay.answerWith('application/json', Buffer.from(recording.text));
      const expected = contentOfMessage(await theirs.messages.create(params));
      const client = new OpenAI({ ...options, baseURL: `${plane.url}/v1` });
      const completion = await client.chat.completions.create({ model: 'm', messages: params.messages });
      expect(contentOfCompletion(completion), recording.name).to.deep.equal(expected);
      expect(asRecord(replay.seen?.body)).to.include({ anthropic_version: 'vertex-2023-10-16' });
      expect(asRecord(replay.seen?.body)).to.not.have.property('model');
    }
  });
});
