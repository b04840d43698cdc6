import { once } from 'node:events';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { type RunningMock, startMock } from '../../src/mock/server.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { testConfig } from '../helpers/test-config.ts';

const WAITING = 20;
const body = JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'hello' }] });
const question = `POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

describe('a drain', () => {
  let provider: RunningMock;
  let plane: RunningPlane;

  beforeEach(async () => {
    provider = await startMock({ dialect: 'openai', port: 0 });
    plane = await startPlane(testConfig({ openai: provider.port }));
  });
  afterEach(async () => {
    await plane.close();
    await provider.close();
  });

  it('answers the connections that wait at the listener when it begins', async () => {
    const port = Number(new URL(plane.url).port);
    const clients = Array.from({ length: WAITING }, () => {
      const client = net.connect(port, '127.0.0.1');
      client.write(question);
      return client;
    });
    // The kernel has them after this; the server hears of none before the next turn of the event loop.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    const drained = plane.plane.drain(5_000);
    const answers = await Promise.all(clients.map((client) => text(client)));
    expect(answers.map((answer) => answer.slice(0, 15))).to.deep.equal(Array(WAITING).fill('HTTP/1.1 200 OK'));
    await drained;
  });

  it('takes no connection any more once it has begun', async () => {
    const drained = plane.plane.drain(5_000);
    await drained;
    const client = net.connect(Number(new URL(plane.url).port), '127.0.0.1');
    const [error] = await once(client, 'error');
    expect(error).to.have.property('code', 'ECONNREFUSED');
  });
});
