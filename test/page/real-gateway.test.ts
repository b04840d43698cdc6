/** The status page as it ships, on a built gateway: its library is there, a try goes through, and a failure is seen. */
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import type { Browser } from 'playwright-core';
import { findChromium, launchChromium } from '../../scripts/browser/chromium.ts';
import { startGateway } from '../../scripts/rig/gateway.ts';
import { OneProvider } from '../helpers/one-provider.ts';
import { openPage } from './browser.ts';
import { says, textOf } from './page-test.ts';

describe('the status page of a real gateway', () => {
  const provider = new OneProvider();
  provider.use();
  let browser: Browser;
  before(async function () {
    if (findChromium() === null) this.skip();
    browser = await launchChromium();
  });
  after(() => browser?.close());

  it('shows its charts, an answer to a prompt, a failure, a reset and a roll', async () => {
    const gateway = await startGateway(provider.config, { built: true });
    const { page, faults } = await openPage(browser, gateway.adminUrl);
    await says(page, '#verdict-sentence', 'Well.');
    await page.locator('.chart').nth(5).waitFor();
    expect(await textOf(page, '#data-port')).to.equal(`127.0.0.1:${gateway.port}`);
    expect(await textOf(page, '#failures-note')).to.contain('No request has failed');

    await page.getByRole('button', { name: 'Send the prompt' }).click();
    await says(page, '#try-state', 'The answer is complete.');
    expect(await textOf(page, '#try-text')).to.contain('This is the fake openai provider');
    expect(await textOf(page, '#try-facts')).to.contain('openai=200');

    provider.control.setFault({ kind: 'status', status: 500 });
    await (await gateway.complete()).text();
    await says(page, '#failures-note', '1 failure');
    expect(await page.locator('tr.failure').innerText())
      .to.contain('provider_error')
      .and.contain('openai=500');

    await page.locator('#providers').getByRole('button', { name: 'Reset openai' }).click();
    await says(page, '#notice', 'openai is reset');
    await page.getByRole('button', { name: 'Replace all workers' }).click();
    await page.getByRole('button', { name: 'Replace 2 workers' }).click();
    await says(page, '#notice', 'All workers were replaced.');
    await says(page, '#roll-text', 'All 2 workers were replaced');
    await page.context().close();
    expect(faults).to.deep.equal([]);
  });
});
