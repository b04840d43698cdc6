/** How the status page is used: clicks land while everything changes, and it is for everybody, on a phone too. */
import { createRequire } from 'node:module';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import { pageTest, says } from './page-test.ts';
import { change, inSeconds, pageStatus, wellStatus } from './scripted-answers.ts';

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

  /** Makes every row change each 50 ms, and what stands above the buttons too. */
  function unrest(): NodeJS.Timeout {
    let turn = 0;
    return setInterval(() => {
      turn += 1;
      const status = turn % 4 < 2 ? pageStatus() : wellStatus();
      for (const model of status.traffic.models) model.requestsPerSecond = turn * 7.3;
      for (const worker of status.workers) worker.inFlight = turn % 1_000;
      test.admin.status = status;
      test.admin.sendStatus();
    }, 50);
  }

  it('land, 100 of 100 by mouse and 100 of 100 by keyboard, while all rows change', async () => {
    const { page } = await test.open();
    const button = page.locator('#providers').getByRole('button', { name: 'Reset azure-eu' });
    await button.scrollIntoViewIfNeeded();
    test.admin.fallSilent();
    const changing = unrest();
    try {
      for (let count = 0; count < CLICKS; count += 1) {
        const box = await button.boundingBox();
        if (box === null) throw new Error('the button is gone');
        await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
        await page.mouse.down();
        // Longer than a change takes to come.
        await page.waitForTimeout(60);
        await page.mouse.up();
      }
      await says(page, '#notice', 'azure-eu is reset');
      expect(landed()).to.equal(CLICKS);
      await button.focus();
      for (let count = 0; count < CLICKS; count += 1) {
        await page.keyboard.down('Space');
        await page.waitForTimeout(60);
        await page.keyboard.up('Space');
      }
      await page.waitForTimeout(300);
      expect(landed()).to.equal(2 * CLICKS);
    } finally {
      clearInterval(changing);
    }
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

  it('shows local times with their offset', async () => {
    const { page } = await test.open({ timezoneId: 'Asia/Kolkata' });
    await says(page, '#config-summary', '+05:30');
    await says(page, '#offset', 'UTC+05:30');
  });
});
