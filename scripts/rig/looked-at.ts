/**
 * A gateway whose status page is looked at: three fake providers by names as operators give them, callers that ask all the
 * time, and a picture of the page. Which models there are, and what goes wrong, is said by who looks.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContextOptions } from 'playwright-core';
import { launchChromium } from '../browser/chromium.ts';
import type { FakeProvider } from './fake-provider.ts';
import type { RunningGateway } from './gateway.ts';
import type { Rig } from './rig.ts';

/** The providers' names in the configuration. */
export type ProviderName = 'azure-eu' | 'openai' | 'anthropic';

/** Starts the providers. */
export async function startProviders(rig: Rig): Promise<Readonly<Record<ProviderName, FakeProvider>>> {
  return {
    'azure-eu': await rig.provider(),
    openai: await rig.provider(),
    anthropic: await rig.provider('anthropic'),
  };
}

/** A configuration without models, on free ports. */
export function configurationOf(ports: Readonly<Record<ProviderName, number>>) {
  const provider = (name: ProviderName, type: string, path: string) => ({
    ...{ type, base_url: `http://127.0.0.1:${ports[name]}${path}`, api_key: `sk-${name}` },
  });
  return {
    version: 1,
    server: { port: 0 },
    admin: { port: 0 },
    providers: {
      'azure-eu': provider('azure-eu', 'openai', '/v1'),
      openai: provider('openai', 'openai', '/v1'),
      anthropic: provider('anthropic', 'anthropic', ''),
    },
  };
}

interface CallersOptions {
  readonly count: number;
  /** Asked for in turn. */
  readonly models: readonly string[];
  /** After each answer. */
  readonly pauseMs: () => number;
}

/** Asks for streams until it is ended. */
export function startCallers(gateway: RunningGateway, { count, models, pauseMs }: CallersOptions) {
  const leaving = new AbortController();
  const call = async (first: number) => {
    for (let turn = first; !leaving.signal.aborted; turn += 1) {
      const answer = await gateway.complete({ model: models[turn % models.length], stream: true });
      // A stream that breaks is what may be looked at.
      await answer.text().catch(() => '');
      await sleep(pauseMs());
    }
  };
  const calls = Promise.all(Array.from({ length: count }, (_, caller) => call(caller)));
  return {
    end: async () => {
      leaving.abort();
      await calls;
    },
  };
}

/** The status page as a PNG, once its charts are drawn. @param style added to the page, whose own policy must be bypassed */
export async function pictureOf(gateway: RunningGateway, options: BrowserContextOptions, style = ''): Promise<Buffer> {
  const browser = await launchChromium();
  try {
    const page = await (await browser.newContext(options)).newPage();
    await page.goto(gateway.adminUrl);
    await page.locator('.chart').nth(5).waitFor();
    if (style !== '') await page.addStyleTag({ content: style });
    return await page.screenshot();
  } finally {
    await browser.close();
  }
}
