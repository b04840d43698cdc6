/** The admin port's own cap on connections. */
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { eventually } from '../../../../scripts/processes/eventually.ts';
import { createAdminServer } from '../../../../src/primary/admin/admin-server.ts';
import { systemClock } from '../../../../src/shared/clock.ts';
import { keptLog } from '../../../helpers/numbers.ts';

describe('the admin server', () => {
  it('holds a bounded number of connections, and idle ones give way to a scrape', async () => {
    const { log } = keptLog();
    const admin = createAdminServer(systemClock, log);
    admin.serve((_request, response) => response.end('page'));
    await new Promise<void>((resolve) => admin.server.listen(0, '127.0.0.1', resolve));
    const { port } = admin.server.address() as AddressInfo;
    const sockets: net.Socket[] = [];
    for (let opened = 0; opened < 300; opened += 1) {
      const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
      sockets.push(socket);
      await once(socket, 'connect');
    }
    await pause(300);
    const page = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: 'close' } });
    expect(await page.text()).to.equal('page');
    const held = () => new Promise<number>((resolve) => admin.server.getConnections((_error, count) => resolve(count)));
    let count = await held();
    await eventually('the others are closed', () => {
      void held().then((now) => {
        count = now;
      });
      return count <= 128;
    });
    for (const socket of sockets) socket.destroy();
    admin.server.closeAllConnections();
    admin.server.close();
  });
});
