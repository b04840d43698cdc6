/**
 * The status page behind a real nginx: below a path, with the Host that nginx gives by itself, and under a name of its own
 * that nginx passes on.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import type { Browser } from 'playwright-core';
import { findChromium, launchChromium } from '../../scripts/browser/chromium.ts';
import { freePort } from '../../scripts/processes/free-port.ts';
import { isInstalled, type Program, startOnPort } from '../../scripts/processes/program.ts';
import { type TemporaryFolder, temporaryFolder } from '../../scripts/processes/temporary-folder.ts';
import { startGateway } from '../../scripts/rig/gateway.ts';
import { OneProvider } from '../helpers/one-provider.ts';
import { openPage } from './browser.ts';
import { says } from './page-test.ts';

const TOKEN = 'token-of-the-operators';
const operator = { httpCredentials: { username: 'operator', password: TOKEN } };
const installed = isInstalled('nginx') && findChromium() !== null;
const withBoth = installed ? describe : describe.skip;

withBoth(`the status page behind nginx${installed ? '' : ' (nginx or Chromium is not installed)'}`, () => {
  const provider = new OneProvider();
  provider.use();
  let temporary: TemporaryFolder;
  let browser: Browser;
  let nginx: Program;
  let port: number;

  before(async () => {
    browser = await launchChromium();
  });
  after(() => browser?.close());
  beforeEach(async () => {
    port = await freePort();
    temporary = temporaryFolder('nginx-of-the-page');
    mkdirSync(path.join(temporary.folder, 'client_body'));
  });
  afterEach(async () => {
    await nginx.end();
    temporary.remove();
  });

  async function proxy(locations: string): Promise<void> {
    const { folder } = temporary;
    const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    const places = kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ');
    const server = `server { listen 127.0.0.1:${port}; ${locations} }`;
    const file = path.join(folder, 'nginx.conf');
    writeFileSync(
      file,
      `daemon off; user root; pid ${folder}/nginx.pid; error_log ${folder}/error.log; events {}
       http { ${places} access_log off; ${server} }`,
    );
    nginx = await startOnPort('nginx', ['-p', folder, '-c', file], port);
  }

  it('is read and used below a path', async () => {
    const config = { ...provider.config, admin: { port: 0, token: TOKEN } };
    const gateway = await startGateway(config, { built: true });
    await proxy(`location /ops/ { proxy_pass http://127.0.0.1:${gateway.adminPort}/; }`);
    const { page, faults } = await openPage(browser, `http://127.0.0.1:${port}/ops/`, operator);
    await says(page, '#link', 'live');
    await page.locator('#reload').click();
    await says(page, '#notice', 'is in force');
    expect(await page.locator('#unstarted').count()).to.equal(0);
    await page.context().close();
    expect(faults).to.deep.equal([]);
  });

  it('is read and used under a name that admin.origins has', async () => {
    const origin = `http://ops.localhost:${port}`;
    const config = { ...provider.config, admin: { port: 0, token: TOKEN, origins: [origin] } };
    const gateway = await startGateway(config, { built: true });
    await proxy(`location / { proxy_set_header Host $http_host; proxy_pass http://127.0.0.1:${gateway.adminPort}; }`);
    const { page, faults } = await openPage(browser, `${origin}/`, operator);
    await says(page, '#link', 'live');
    await page.locator('#reload').click();
    await says(page, '#notice', 'is in force');
    await page.context().close();
    expect(faults).to.deep.equal([]);
  });

  it('says what to do where the name is unknown, and where the proxy passes the page alone on', async () => {
    const gateway = await startGateway({ ...provider.config, admin: { port: 0, token: TOKEN } }, { built: true });
    const admin = `http://127.0.0.1:${gateway.adminPort}`;
    await proxy(
      `location / { proxy_set_header Host $http_host; proxy_pass ${admin}; } location = /alone/ { proxy_pass ${admin}/; }`,
    );
    const named = await openPage(browser, `http://ops.localhost:${port}/`, operator);
    expect(await named.page.locator('body').innerText()).to.contain('name the origin of the page in admin.origins');
    await named.page.context().close();
    const alone = await openPage(browser, `http://127.0.0.1:${port}/alone/`, operator);
    await says(alone.page, '#unstarted', 'The script of this page did not come.');
    await alone.page.locator('#unstarted').waitFor({ state: 'visible' });
    await alone.page.context().close();
  });
});
