import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Workplace } from '../helpers/command.ts';

describe('headgate faultwall', () => {
  let workplace: Workplace;

  beforeEach(() => {
    workplace = new Workplace();
  });

  afterEach(() => workplace.leave());

  it('prints a configuration that is one', async () => {
    const { code, stdout } = await workplace.run(['faultwall', '--print-config', '--ports', '7001,7002']);
    expect(code).to.equal(0);
    expect(stdout).to.include('base_url: http://127.0.0.1:7001/v1').and.include('wall-two-same-1-spare');
    workplace.write('wall.yaml', stdout);
    expect((await workplace.run(['check', '--config', 'wall.yaml'])).code).to.equal(0);
  });

  const refused: readonly [given: readonly string[], message: string][] = [
    [['127.0.0.1:8080'], 'the URL should be an address without a path, as http://127.0.0.1:8080, got "127.0.0.1:8080"'],
    [['http://127.0.0.1:8080/v1'], 'the URL should be an address without a path'],
    [['--ports', '8101'], '--ports: should be two ports, as 8101,8102, got "8101"'],
    [['--ports', '8101,70000'], '--ports: should be two ports'],
    [['--face', 'chat', '--face', 'rerank'], '--face: there is no "rerank"; known are chat, chat-tools, messages'],
    [['--model', 'gpt-4'], '--model: no model begins with "gpt-4"; known are wall-one-openai, wall-one-anthropic'],
  ];
  for (const [given, message] of refused) {
    it(`refuses ${given.join(' ')}`, async () => {
      const { code, stderr } = await workplace.run(['faultwall', ...given]);
      expect([code, stderr.startsWith(`headgate: ${message}`)], stderr).to.deep.equal([1, true]);
    });
  }

  it('fails where nothing is answered, since its wall says nothing', async () => {
    const server = http.createServer((_, answer) => answer.writeHead(404).end('{}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const given = ['faultwall', url, '--ports', '0,0', '--face', 'embeddings', '--model', 'wall-one'];
    const { code, stdout, stderr } = await workplace.run(given);
    server.close();
    expect([code, stdout]).to.satisfy(([exit, text]: [number, string]) => exit === 1 && text.includes('0 answered'));
    expect(stderr).to.include('1 request without any fault got no answer from the gateway: is it set up');
  });

  it('ends at a signal with all that it has started', async () => {
    const child = workplace.start(['faultwall', '--face', 'chat']);
    let told = '';
    await new Promise<void>((resolve) => {
      child.stderr.on('data', (chunk: Buffer) => {
        told += chunk.toString();
        if (told.includes('cells in front of')) resolve();
      });
    });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    expect(await ended).to.equal(1);
    const [, url = ''] = /in front of (\S+)/.exec(told) ?? [];
    const answer = await fetch(url).catch(() => null);
    expect(answer).to.equal(null);
  });
});
