/** How a gateway refuses to start: by an exit status and one line that names the cure. */
import cluster from 'node:cluster';
import { once } from 'node:events';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { launchGateway, startGateway } from '../../scripts/rig/gateway.ts';
import { OneProvider } from '../helpers/one-provider.ts';

const provider = new OneProvider();

describe('a gateway that cannot start', () => {
  provider.use();

  it('exits with 69 if another gateway serves, which keeps serving', async () => {
    const first = await startGateway(provider.config);
    const second = launchGateway({ ...provider.config, server: { port: first.port } });
    const { code, errorOutput } = await second.exited;
    expect(code).to.equal(69);
    expect(errorOutput).to.contain(`another headgate serves on 127.0.0.1:${first.port}`);
    expect((await first.complete()).status).to.equal(200);
  });

  it('exits with 69 and names the fix if a gateway on another address uses the same state folder', async () => {
    const first = await startGateway(provider.config);
    const second = launchGateway({
      ...provider.config,
      server: { host: '127.0.0.2', port: first.port },
      state_dir: `${first.folder}/.headgate`,
    });
    const { code, errorOutput } = await second.exited;
    expect(code).to.equal(69);
    expect(errorOutput)
      .to.match(/^headgate: another headgate keeps its checkpoint in .*\n$/)
      .and.to.contain(first.stateFolder)
      .and.to.contain('another state_dir');
    expect((await first.complete()).status).to.equal(200);
    expect((await first.stop()).code).to.equal(0);
  });

  it('exits with 69 if a gateway takes the connections of all addresses', async () => {
    const first = await startGateway({ ...provider.config, server: { host: '0.0.0.0', port: 0, open: true } });
    const { code, errorOutput } = await launchGateway({ ...provider.config, server: { port: first.port } }).exited;
    expect(code).to.equal(69);
    expect(errorOutput).to.contain(`another headgate serves on 0.0.0.0:${first.port}, which takes`);
  });

  it('exits with 69 and names the fix if another program has the port', async () => {
    const taken = net.createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as net.AddressInfo;
    const { code, errorOutput } = await launchGateway({ ...provider.config, server: { port } }).exited;
    expect(code).to.equal(69);
    expect(errorOutput).to.contain(`127.0.0.1:${port} is taken`).and.to.contain('--port');
    taken.close();
  });

  it('exits with 69 if the admin port is taken', async () => {
    const taken = net.createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as net.AddressInfo;
    const { code, errorOutput } = await launchGateway({ ...provider.config, admin: { port } }).exited;
    expect(code).to.equal(69);
    expect(errorOutput).to.contain(`127.0.0.1:${port} is taken`).and.to.contain('--admin-port');
    taken.close();
  });

  it('exits with 78 and names the setting if its addresses do not belong to this machine', async () => {
    const [data, admin] = await Promise.all([
      launchGateway({ ...provider.config, server: { host: '192.0.2.1', port: 0, keys: ['k'] } }).exited,
      launchGateway({ ...provider.config, admin: { host: 'nowhere.invalid', port: 0, token: 't' } }).exited,
    ]);
    expect([data.code, admin.code]).to.deep.equal([78, 78]);
    expect(data.errorOutput).to.match(/^headgate: server\.host \(or --host\) is 192\.0\.2\.1, not an address .*\n$/);
    expect(admin.errorOutput).to.match(/^headgate: admin\.host is nowhere\.invalid, which cannot be resolved .*\n$/);
  });

  it("refuses pm2's cluster mode and names the fix", async () => {
    const { configFile } = launchGateway(provider.config);
    cluster.setupPrimary({
      exec: fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url)),
      args: ['serve', '--config', configFile],
      silent: true,
    });
    const worker = cluster.fork();
    let errorOutput = '';
    worker.process.stderr?.on('data', (text) => {
      errorOutput += text;
    });
    try {
      const [code] = await once(worker, 'exit');
      expect(code).to.equal(78);
    } finally {
      worker.process.kill('SIGKILL');
    }
    expect(errorOutput).to.contain("exec_mode to 'fork'");
  });
});
