import { expect } from 'chai';
import { describe, it } from 'mocha';
import { bodyFor, eventually, post, rawPost, useMock } from '../running-mock.ts';

const megabyte = 1024 * 1024;

describe('the shape of the fake provider’s answers', () => {
  const mock = useMock('openai');

  it('delays every answer by the latency', async () => {
    mock.control.setShape({ latencyMs: 50 });
    const startedAt = performance.now();
    await post(mock.port, 'openai', bodyFor('openai'));
    expect(performance.now() - startedAt).to.be.greaterThan(45);
  });

  it('waits between the chunks of a stream', async () => {
    mock.control.setShape({ chunks: 4, chunkMs: 20 });
    const startedAt = performance.now();
    const { text } = await post(mock.port, 'openai', bodyFor('openai', { stream: true }));
    expect(performance.now() - startedAt).to.be.greaterThan(3 * 20 - 5);
    expect(text).to.include('[DONE]');
  });

  it('uses the defaults for fields that are left out', () => {
    mock.control.setShape({ chunks: 3, latencyMs: 5 });
    mock.control.setShape({ chunks: 4 });
    expect(mock.control.shape).to.deep.equal({ latencyMs: 0, chunks: 4, chunkMs: 0, contentBytes: 0 });
  });

  it('makes numbered content of exactly the given size, the same in plain answers and streams', async () => {
    mock.control.setShape({ contentBytes: 100_003, chunks: 7 });
    const whole = JSON.parse((await post(mock.port, 'openai', bodyFor('openai'))).text).choices[0].message.content;
    const { text } = await post(mock.port, 'openai', bodyFor('openai', { stream: true }));
    const pieces = [...text.matchAll(/"delta":\{"content":"([^"]*)"/g)].map(([, piece]) => piece);
    expect(pieces.join('')).to.equal(whole);
    expect(whole).to.have.length(100_003);
    expect([...whole.matchAll(/\d{7}/g)].map(([number]) => Number(number))).to.deep.equal([...Array(1_563).keys()]);
    expect(pieces).to.have.length(7);
  });

  for (const stream of [true, false]) {
    it(`waits for a slow reader of a large ${stream ? 'stream' : 'plain answer'}`, async () => {
      mock.control.setShape({ contentBytes: 32 * megabyte, chunks: 1024 });
      const request = rawPost(mock.port, 'openai', bodyFor('openai', { stream }));
      request.socket.pause();
      let seen = -1;
      // Writing has stopped if two checks, some time apart, find the same number.
      await eventually(async () => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        const { bytesWritten } = mock.control.stats();
        const still = bytesWritten > 0 && bytesWritten === seen;
        seen = bytesWritten;
        return still;
      });
      expect(seen).to.be.lessThan(24 * megabyte);
      expect(mock.control.stats().inFlight).to.equal(1);
      request.socket.resume();
      const { text, errorCode } = await request.ended;
      expect(errorCode).to.equal(null);
      expect(text.length).to.be.greaterThan(32 * megabyte);
      expect(mock.control.stats()).to.include({ inFlight: 0, aborted: 0 });
    });
  }

  it('stops making a large answer when the client leaves', async () => {
    mock.control.setShape({ contentBytes: 32 * megabyte, chunks: 1024 });
    const request = rawPost(mock.port, 'openai', bodyFor('openai', { stream: true }));
    await eventually(() => request.text().length > megabyte);
    request.socket.destroy();
    await eventually(() => mock.control.stats().inFlight === 0);
    expect(mock.control.stats().aborted).to.equal(1);
    expect(mock.control.stats().bytesWritten).to.be.lessThan(24 * megabyte);
  });
});
