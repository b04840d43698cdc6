/**
 * How a gateway starts.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { launchGateway, startGateway } from '../../scripts/rig/gateway.ts';
import { OneProvider } from '../helpers/one-provider.ts';

const provider = new OneProvider();

describe('a gateway that starts', () => {
  provider.use();

  it('serves on all slots and is ready', async () => {
    const gateway = await startGateway(provider.config);
    expect((await gateway.complete()).status).to.equal(200);
    expect(await gateway.readyWorkers()).to.have.length(2);
    expect((await fetch(`${gateway.adminUrl}/readyz`)).status).to.equal(200);
  });

  it('sends "ready" to pm2 when all slots are ready', async () => {
    const gateway = launchGateway(provider.config, { ipc: true });
    const [message] = await once(gateway.child, 'message');
    expect(message).to.equal('ready');
    expect(await gateway.readyWorkers()).to.have.length(2);
  });

  it('serves without a state folder, logs that once without a stack, and stops on SIGTERM', async () => {
    const gateway = await startGateway({ ...provider.config, state_dir: '/proc/nope' });
    expect((await gateway.complete()).status).to.equal(200);
    expect(await gateway.metric('llm_state_writable')).to.equal(0);
    expect((await gateway.stop()).code).to.equal(0);
    const warnings = gateway.log().filter((line) => Number(line.level) >= 40);
    expect(warnings).to.have.length(1);
    expect(warnings[0]?.reason).to.match(/^ENOENT: /);
    expect(gateway.output).not.to.contain('    at ');
  });

  it('lets TCP find clients that are gone without a word, on both ports', async () => {
    const gateway = await startGateway(provider.config);
    for (const port of [gateway.port, gateway.adminPort]) {
      const socket = net.connect(port, '127.0.0.1');
      await once(socket, 'connect');
      await eventually('its end at the gateway has a keep-alive timer', () =>
        hasKeepAliveTimer(port, socket.localPort),
      );
      socket.destroy();
    }
  });

  it('spreads connections evenly over its slots', async () => {
    const gateway = await startGateway({ ...provider.config, workers: 4 });
    const counts = new Map<string, number>();
    for (let round = 0; round < 20; round += 1) {
      const slots = await Promise.all(Array.from({ length: 20 }, () => slotOfNewConnection(gateway.port)));
      for (const slot of slots) counts.set(slot, (counts.get(slot) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).to.deep.equal(['0', '1', '2', '3']);
    // 400 connections by hash: 100 each, with a deviation of less than 9.
    for (const count of counts.values()) expect(count).to.be.within(55, 145);
  });
});

/** The slot that answers a request on a new connection. */
function slotOfNewConnection(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    // The request is refused, but only after a worker has accepted the connection.
    const options = { host: '127.0.0.1', port, method: 'POST', path: '/v1/nothing', agent: false };
    const request = http.request(options, (answer) => {
      answer.resume();
      resolve(String(answer.headers['x-headgate-worker']));
    });
    request.on('error', reject);
    request.end();
  });
}

/** Whether the kernel's table shows that timer (02) for a connection from the port `from` to the port `to`. */
function hasKeepAliveTimer(to: number, from = 0): boolean {
  const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');
  const rows = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((row) => row.trim().split(/\s+/));
  return rows.some(
    ([, local, remote, , , timer]) =>
      local?.endsWith(`:${hex(to)}`) && remote?.endsWith(`:${hex(from)}`) && timer?.startsWith('02:'),
  );
}
