/** The status page in tabs that nobody looks at: a browser has six connections to a host, which they must not hold. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import { eventually } from '../../scripts/processes/eventually.ts';
import { pageTest, says } from './page-test.ts';
import { pageStatus } from './scripted-answers.ts';

/** Makes the page believe it: a browser without windows shows all its tabs. Resolves with whether it is greyed then. */
function become(page: Page, visibility: 'hidden' | 'visible'): Promise<boolean> {
  return page.evaluate<boolean>(`(() => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, value: '${visibility}' });
    document.dispatchEvent(new Event('visibilitychange'));
    return document.getElementById('page').hasAttribute('data-stale');
  })()`);
}

const isStale = (page: Page) => page.locator('#page[data-stale]').count();

describe('the status page in many tabs', () => {
  const test = pageTest();

  it('is live in the one that is seen, while the others hold no connection', async () => {
    const { page: first } = await test.open();
    const pages = [first];
    await says(first, '#link', 'live');
    while (pages.length < 8) {
      await become(pages.at(-1) ?? first, 'hidden');
      const page = await first.context().newPage();
      await page.goto(test.admin.url);
      await page.locator('#link', { hasText: 'live' }).waitFor({ timeout: 5_000 });
      pages.push(page);
    }
    await eventually('one watches', () => test.admin.watching === 1);
    for (const page of pages) {
      expect(await isStale(page)).to.equal(0);
      expect(await page.title()).to.match(/^✓ Well/);
    }
    await become(pages.at(-1) ?? first, 'hidden');
    await become(first, 'visible');
    await first.locator('#link', { hasText: 'live' }).waitFor({ timeout: 5_000 });
    await eventually('the first one watches', () => test.admin.watching === 1);
  });

  it('asks now and then while it is hidden, for its title and its icon', async () => {
    const { page: other } = await test.open();
    const page = await other.context().newPage();
    await page.clock.install();
    await page.goto(test.admin.url);
    await says(page, '#verdict-sentence', 'Well.');
    await become(page, 'hidden');
    test.admin.status = pageStatus();
    await page.clock.runFor(14_000);
    expect(await page.title()).to.match(/^✓ Well/);
    expect(await isStale(page)).to.equal(0);
    await page.clock.runFor(2_000);
    await eventually('the title says it', async () => (await page.title()).startsWith('‼ fast: no target left'));
    expect(await page.locator('#icon').getAttribute('href')).to.contain('d02c3c');

    test.admin.refusals.set('/api/status', { status: 500, message: 'not now' });
    await page.clock.runFor(16_000);
    await eventually('no answer is no verdict', async () => (await page.title()).startsWith('? No connection'));
    test.admin.refusals.clear();
    await page.clock.runFor(2_000);
    await eventually('it asks again soon', async () => (await page.title()).startsWith('‼'));
  });

  it('is not greyed when it comes into sight, and asks for what it has missed', async () => {
    const { page: other } = await test.open();
    const page = await other.context().newPage();
    await page.clock.install();
    await page.goto(test.admin.url);
    await page.locator('.chart').nth(5).waitFor();
    await become(page, 'hidden');
    await page.clock.runFor(14_000);
    const asked = test.admin.histories.length;
    expect(await become(page, 'visible')).to.equal(false);
    await says(page, '#link', 'live');
    await eventually('the hour is asked for', () => test.admin.histories.length > asked);
  });
});
