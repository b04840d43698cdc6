/** The admin port's own cap on connections. */
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { eventually } from '../../../../scripts/processes/eventually.ts';
import { createAdminServer } from '../../../../src/primary/admin/admin-server.ts';
import { systemClock } from '../../../../src/shared/clock.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { keptLog } from '../../../helpers/numbers.ts';

describe('the admin server', () => {
  it('holds a bounded number of connections, and idle ones give way to a scrape', async () => {
    const { log } = keptLog();
    const clock = new ManualClock();
    const admin = createAdminServer(clock, log);
    admin.serve((_request, response) => response.end('page'));
    await new Promise<void>((resolve) => admin.server.listen(0, '127.0.0.1', resolve));
    const { port } = admin.server.address() as AddressInfo;
    const sockets: net.Socket[] = [];
    for (let opened = 0; opened < 300; opened += 1) {
      const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
      sockets.push(socket);
      await once(socket, 'connect');
    }
    clock.advance(300);
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

  it('closes after a wish to upgrade, since bytes behind it are lost', async () => {
    const { log } = keptLog();
    const admin = createAdminServer(systemClock, log);
    admin.serve((_request, response) => response.end('page'));
    await new Promise<void>((resolve) => admin.server.listen(0, '127.0.0.1', resolve));
    const { port } = admin.server.address() as AddressInfo;
    const socket = net.connect(port, '127.0.0.1');
    socket.write('GET /livez HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
    expect(await text(socket)).to.match(/^HTTP\/1\.1 200 OK\r\n/);
    admin.server.close();
  });

  it('says that a client speaks TLS where it has none, and answers what is no HTTP', async () => {
    const { log, messages } = keptLog();
    const admin = createAdminServer(systemClock, log);
    await new Promise<void>((resolve) => admin.server.listen(0, '127.0.0.1', resolve));
    const { port } = admin.server.address() as AddressInfo;
    await once(tls.connect({ port, host: '127.0.0.1' }), 'error');
    expect(messages).to.include(
      'a client speaks TLS to the admin port, which has none: its URL must begin with http://, or set admin.tls',
    );
    for (const [sent, status] of [
      ['hello\r\n\r\n', '400 Bad Request'],
      [`GET / HTTP/1.1\r\nlong: ${'x'.repeat(20_000)}\r\n\r\n`, '431 Request Header Fields Too Large'],
    ] as const) {
      const socket = net.connect(port, '127.0.0.1');
      socket.write(sent);
      expect(await text(socket)).to.match(new RegExp(`^HTTP/1\\.1 ${status}\r\n`));
    }
    admin.server.close();
  });

  it('serves nothing behind a head that two readers may read in two ways', async () => {
    const { log } = keptLog();
    const admin = createAdminServer(systemClock, log);
    const asked: string[] = [];
    admin.serve((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(400).end();
    });
    await new Promise<void>((resolve) => admin.server.listen(0, '127.0.0.1', resolve));
    const { port } = admin.server.address() as AddressInfo;
    const socket = net.connect(port, '127.0.0.1');
    socket.write('GET /livez HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n');
    socket.write('POST /api/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
    expect(await text(socket)).to.match(/^HTTP\/1\.1 400 /);
    admin.server.close();
    expect(asked).to.deep.equal(['GET /livez']);
  });

  it('asks for a body in the turn of its request, never between the head and the body of an answer', async () => {
    const { log } = keptLog();
    const admin = createAdminServer(systemClock, log);
    const answers: (() => void)[] = [];
    admin.serve((request, response) => {
      if (request.url === '/late') answers.push(() => response.end('late'));
      else response.end(Buffer.from('page'));
    });
    await new Promise<void>((resolve) => admin.server.listen(0, '127.0.0.1', resolve));
    const { port } = admin.server.address() as AddressInfo;
    const socket = net.connect(port, '127.0.0.1');
    const head = (path: string, ...more: string[]) => [`GET ${path} HTTP/1.1`, 'Host: x', ...more, '', ''].join('\r\n');
    const body = ['Expect: 100-continue', 'Content-Length: 2'];
    socket.write(`${head('/late')}${head('/', ...body)}{}${head('/', ...body, 'Connection: close')}{}`);
    await eventually('the first has arrived', () => answers.length === 1);
    for (const answer of answers) answer();
    const received = await text(socket);
    admin.server.close();
    const parts = received.replace(/\r\n(?:[\w-]+: .*\r\n)*\r\n/g, '|');
    const asked = 'HTTP/1.1 100 Continue|HTTP/1.1 200 OK|page';
    expect(parts).to.equal(`HTTP/1.1 200 OK|late${asked}${asked}`);
  });
});
