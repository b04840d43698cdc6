/** Pages in a real Chromium that keep what went wrong: errors of scripts, violations of the policy, requests to elsewhere. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** A page of the status page. */
export interface WatchedPage {
  readonly page: Page;
  /** What must not happen, a line each. */
  readonly faults: string[];
}

/** Opens it. @param options a size, a theme */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 }, ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`script: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    // Answers that a test makes fail are logged by the browser itself.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) faults.push(`asked: ${request.url()}`);
  });
  const content = `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
    console.error('policy:', violatedDirective, blockedURI);
  });`;
  await page.addInitScript({ content });
  await page.goto(url);
  return { page, faults };
}
