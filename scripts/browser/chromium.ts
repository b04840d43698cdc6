/** A real Chromium of this machine, found by name: nothing is downloaded. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';

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
