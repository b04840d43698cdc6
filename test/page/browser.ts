/**
 * A real Chromium, found by name, and pages in it that keep what went wrong: errors of scripts, violations of the policy,
 * requests to elsewhere.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** The program; null where there is none. */
export function findChromium(): string | null {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const places = names.flatMap((name) => ['/usr/bin', ...folders].map((folder) => path.join(folder, name)));
  return places.find((place) => existsSync(place)) ?? null;
}

/** Starts it. Throws if there is none. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error(`there is none of ${names.join(', ')}`);
  return chromium.launch({ executablePath, args: ['--disable-gpu', '--disable-dev-shm-usage'] });
}

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
