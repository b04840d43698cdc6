/** What a request names besides its model, and a provider then refuses, concerns that request alone. */
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { type Answer, passThroughFixture, type RecordedPlane } from './pass-through-fixture.ts';
import { chatRequest, jsonHeaders, plainAnswer } from './plane-fixture.ts';

const error =
  (status: number, fields: object): Answer =>
  (outgoing) =>
    outgoing
      .writeHead(status, jsonHeaders)
      .end(JSON.stringify({ error: { type: 'invalid_request_error', ...fields } }));
const fine: Answer = (outgoing) => outgoing.writeHead(200, jsonHeaders).end(plainAnswer);

describe('what a request names besides its model', () => {
  const { start: startPlane, close } = passThroughFixture();
  let plane: RecordedPlane;
  const answers: Record<'one' | 'two', Answer> = { one: fine, two: fine };
  const asked: string[] = [];

  const start = async () => {
    const answering =
      (name: 'one' | 'two'): Answer =>
      (outgoing, seen) => {
        asked.push(name);
        return answers[name](outgoing, seen);
      };
    plane = await startPlane(answering('one'), answering('two'));
  };
  const ask = async () => {
    asked.length = 0;
    const body = chatRequest({ model: 'team/alias' });
    const response = await fetch(`${plane.url}/v1/chat/completions`, { method: 'POST', headers: jsonHeaders, body });
    const { error: told } = (await response.json()) as { error?: { message: string } };
    return { status: response.status, message: told?.message, asked: [...asked] };
  };
  const harm = () => [
    plane.count({ type: 'attempt-ended', verdict: 'failure' }),
    plane.count({ type: 'cooldown-started' }),
  ];

  afterEach(close);

  it("may be an account that is not the key's: the key stays in use for all others", async () => {
    await start();
    const message = 'OpenAI-Project header should match project for API key';
    answers.one = error(401, { message, code: 'mismatched_project' });
    answers.two = fine;
    for (let round = 0; round < 2; round += 1) expect((await ask()).asked).to.deep.equal(['one', 'two']);
    answers.two = answers.one;
    expect(await ask()).to.deep.equal({ status: 400, message, asked: ['one', 'two'] });
    expect(harm()).to.deep.equal([0, 0]);
  });

  for (const [status, message] of [
    [404, 'model: no-such-adviser'],
    [400, 'vendor/no-such-fallback is not a valid model ID'],
    [404, 'The model `no-such-painter` does not exist or you do not have access to it.'],
  ] as const) {
    it(`may be another model, which is not there: the target stays in use for all others (${status} ${message})`, async () => {
      await start();
      answers.one = error(status, { message });
      answers.two = answers.one;
      expect(await ask()).to.deep.equal({ status, message, asked: ['one', 'two'] });
      answers.one = fine;
      expect((await ask()).asked).to.deep.equal(['one']);
      expect(harm()).to.deep.equal([0, 0]);
    });
  }

  it("is not meant where the target's own model is not there", async () => {
    await start();
    answers.one = error(404, { message: 'The model `real-model` does not exist', code: 'model_not_found' });
    answers.two = fine;
    expect((await ask()).asked).to.deep.equal(['one', 'two']);
    expect((await ask()).asked).to.deep.equal(['two']);
  });
});
