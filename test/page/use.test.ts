/** How the status page is used: clicks land while everything changes, and it is for everybody, on a phone too. */
import { createRequire } from 'node:module';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import { eventually } from '../../scripts/processes/eventually.ts';
import { pageTest, says } from './page-test.ts';
import { change, failure, inSeconds, pageStatus, wellStatus } from './scripted-answers.ts';

const CLICKS = 100;
const RESET = '/api/circuits/azure-eu/reset';

/** What axe finds, a line each. */
async function findings(page: Page): Promise<string[]> {
  // The page's policy lets no script in; a debugger's call is not asked.
  await page.evaluate(axe);
  const lines = `axe.run(document).then(({ violations }) => violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => id + ': ' + target + ' ' + failureSummary)))`;
  return page.evaluate(lines);
}

const axe = (createRequire(import.meta.url)('axe-core') as { readonly source: string }).source;

describe('clicks on the status page', () => {
  const test = pageTest();

  let turn = 0;

  /** Makes every row change, and what stands above the buttons too. */
  function unrest(): void {
    turn += 1;
    const status = turn % 4 < 2 ? pageStatus() : wellStatus();
    for (const model of status.traffic.models) model.requestsPerSecond = turn * 7.3;
    for (const worker of status.workers) worker.inFlight = worker.slot === 0 ? turn : 0;
    test.admin.status = status;
    test.admin.sendStatus();
  }

  it('land, 100 of 100 by mouse and 100 of 100 by keyboard, while all rows change', async function () {
    // Three hundred drawings of the page are work for a processor, which other programs may have.
    this.timeout(600_000);
    const { page } = await test.open();
    const button = page.locator('#providers').getByRole('button', { name: 'Reset azure-eu' });
    await button.scrollIntoViewIfNeeded();
    test.admin.fallSilent();
    turn = 0;
    const changed = () => says(page, '#in-flight', String(turn));
    for (let count = 0; count < CLICKS; count += 1) {
      const box = await button.boundingBox();
      if (box === null) throw new Error('the button is gone');
      unrest();
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await page.mouse.down();
      unrest();
      // Longer than a change takes to come. It is drawn after the release.
      await page.waitForTimeout(60);
      await page.mouse.up();
      await changed();
    }
    await says(page, '#notice', 'azure-eu is reset');
    await eventually('all clicks have landed', () => landed() >= CLICKS);
    await button.focus();
    for (let count = 0; count < CLICKS; count += 1) {
      await page.keyboard.down('Space');
      unrest();
      await changed();
      await page.keyboard.up('Space');
    }
    await eventually('all keys have landed', () => landed() >= 2 * CLICKS);
    expect(landed()).to.equal(2 * CLICKS);
  });

  const landed = () => test.admin.commands.filter((path) => path === RESET).length;

  it('find the button of a target that has just become well under the pointer', async () => {
    test.admin.status = pageStatus();
    const { page } = await test.open();
    const button = page.locator('#models').getByRole('button', { name: 'Reset azure-eu' });
    await button.hover();
    const before = await button.boundingBox();
    test.admin.status = wellStatus();
    await says(page, '#verdict-sentence', 'Well.');
    expect(await button.isVisible()).to.equal(true);
    expect((await button.boundingBox())?.y).to.be.closeTo(before?.y ?? 0, 1);
    await page.mouse.move(2, 2);
    await button.waitFor({ state: 'hidden' });
  });
});

describe('the status page for everybody', () => {
  const test = pageTest();

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [size, viewport] of [
      ['a desk', { width: 1360, height: 900 }],
      ['a phone', { width: 360, height: 740 }],
    ] as const) {
      it(`has nothing that axe finds, at ${size}, ${colorScheme}, well and broken`, async () => {
        const { page } = await test.open({ colorScheme, viewport });
        await page.locator('.chart').nth(5).waitFor();
        await says(page, '#verdict-sentence', 'Well.');
        await page.locator('#config-values summary').click();
        expect(await findings(page)).to.deep.equal([]);
        const refused = { at: inSeconds(-30), by: 'SIGHUP', successful: false, changes: [], problems: ['a:1:2 b'] };
        const status = pageStatus();
        status.config = { ...status.config, lastReloadSuccessful: false, lastReload: refused };
        test.admin.status = { ...status, roll: { startedAt: inSeconds(-3), replaced: 1, of: 4, problem: null } };
        await says(page, '#verdict-sentence', 'no target left');
        expect(await findings(page)).to.deep.equal([]);
        test.admin.fallSilent();
        await says(page, '#stale', 'silent');
        expect(await findings(page)).to.deep.equal([]);
        test.admin.status.roll = null;
        test.admin.sendStatus();
        await page.locator('#roll:not([aria-disabled])').waitFor();
        await page.getByRole('button', { name: 'Replace all workers' }).click();
        expect(await findings(page)).to.deep.equal([]);
      });
    }
  }

  it('has nothing outside of a phone’s screen', async () => {
    const status = pageStatus();
    const provider = 'a-provider-with-a-name-that-is-longer-than-any-phone-is-wide';
    change(status.circuits, 2, { provider });
    status.hostname = 'gateway-frankfurt-1.internal.example.com';
    test.admin.status = status;
    const { page } = await test.open({ viewport: { width: 360, height: 740 } });
    await page.locator('.chart').nth(5).waitFor();
    await page.locator('#config-values summary').click();
    await page.getByRole('button', { name: 'Reload configuration' }).click();
    await says(page, '#notice', 'is in force');
    const outside = await page.evaluate(`[...document.querySelectorAll('#page *')].filter((node) => {
      const { left, right, width } = node.getBoundingClientRect();
      return width > 1 && (left < -0.5 || right > innerWidth + 0.5) && !node.closest('.u-wrap, .unseen, thead');
    }).map((node) => node.outerHTML.slice(0, 120))`);
    expect(outside).to.deep.equal([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(360);
  });

  it('moves nothing for those who asked for that', async () => {
    const { page } = await test.open({ reducedMotion: 'reduce' });
    await says(page, '#link', 'live');
    expect(
      await page.evaluate(`[...document.querySelectorAll('*')].filter((node) => {
      const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(node);
      return transitionDuration !== '0s' || animationName !== 'none' || scrollBehavior !== 'auto';
    }).length`),
    ).to.equal(0);
  });

  it("shows all times by the gateway's clock, with their offset, wherever the browser is", async () => {
    test.admin.status.timeZone = 'Asia/Kolkata';
    const since = new Date().toISOString();
    const told = `${new Date(Date.parse(since) + 5.5 * 3_600_000).toISOString().slice(11, 16)}+05:30`;
    Object.assign(test.admin.status.verdict, { level: 'warn', since, sentence: `requests fail since ${told}` });
    test.admin.errors = { failures: [failure({ at: since })], withheld: 0 };
    const { page } = await test.open({ timezoneId: 'America/New_York' });
    await says(page, '#offset', 'UTC+05:30');
    await says(page, '#config-summary', '+05:30');
    await says(page, '#verdict-since', `since ${told.slice(0, 5)}`);
    await says(page, '#verdict-since', '+05:30');
    await says(page, 'tr.failure time', told.slice(0, 5));
    await says(page, 'tr.failure time', '+05:30');
  });

  it("has the browser's clock where the gateway does not say its own, or the browser does not know it", async () => {
    test.admin.status.timeZone = 'Etc/Unknown';
    const { page } = await test.open({ timezoneId: 'Asia/Kolkata' });
    await says(page, '#offset', 'UTC+05:30');
    Reflect.deleteProperty(test.admin.status, 'timeZone');
    await page.reload();
    await says(page, '#offset', 'UTC+05:30');
  });
});
