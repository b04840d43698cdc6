/**
 * The frame of tests of the page: a Chromium for a block, a fake admin server and a page for each test. After each test
 * nothing must have gone wrong in the page. Without a Chromium the tests are skipped by name; CI allows no skip.
 */
import { expect } from 'chai';
import { after, afterEach, before, beforeEach } from 'mocha';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { findChromium, launchChromium } from '../../scripts/browser/chromium.ts';
import { openPage, type WatchedPage } from './browser.ts';
import { FakeAdmin } from './fake-admin.ts';

const EVERY_MS = 100;

interface PageTest {
  /** The test's own, which sends its status ten times a second. */
  admin: FakeAdmin;
  /** Opens the page; several times, where a test needs that. @param below a path that a proxy puts before all others */
  open(options?: BrowserContextOptions, below?: string): Promise<WatchedPage>;
}

/** Adds setup and cleanup to the block that it is called in. */
export function pageTest(): PageTest {
  let browser: Browser;
  let opened: WatchedPage[] = [];
  const test: PageTest = {
    admin: new FakeAdmin(),
    open: async (options, below = '') => {
      const page = await openPage(browser, `${test.admin.url}${below}`, options);
      opened.push(page);
      return page;
    },
  };
  before(async function () {
    if (findChromium() === null) this.skip();
    browser = await launchChromium();
  });
  beforeEach(async () => {
    opened = [];
    test.admin = new FakeAdmin();
    await test.admin.start(EVERY_MS);
  });
  afterEach(async () => {
    const faults = opened.flatMap((page) => page.faults);
    for (const { page } of opened) await page.context().close();
    test.admin.stop();
    expect(faults).to.deep.equal([]);
  });
  after(() => browser?.close());
  return test;
}

/** The text of an element as it is seen. */
export function textOf(page: Page, selector: string): Promise<string> {
  return page.locator(selector).innerText();
}

/** Waits until the text of an element holds it. */
export async function says(page: Page, selector: string, text: string): Promise<void> {
  await page.locator(selector).filter({ hasText: text }).waitFor();
}
