import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { describe, it } from 'mocha';

const file = new URL('../../../src/shared/local-time.ts', import.meta.url).href;

/** All forms of a moment, as a process in that zone shows them. */
function shownIn(zone: string, iso: string): string[] {
  const code = `import { localClock, localMoment, localTime } from '${file}'; const ms = Date.parse('${iso}'); console.log([localTime(ms), localClock(ms), localMoment(ms, ms), localMoment(ms, ms + 864e5)].join('|'));`;
  const env = { ...process.env, TZ: zone };
  return execFileSync(process.execPath, ['--input-type=module', '-e', code], { env, encoding: 'utf8' })
    .trim()
    .split('|');
}

describe('a time for people', () => {
  const moments: readonly [zone: string, iso: string, ...forms: string[]][] = [
    ['UTC', '2026-11-27T13:02:03Z', '2026-11-27 13:02:03+00:00', '13:02:03+00:00', '13:02+00:00', '27 Nov 13:02+00:00'],
    [
      'Europe/Berlin',
      '2026-07-01T23:59:59.999Z',
      '2026-07-02 01:59:59+02:00',
      '01:59:59+02:00',
      '01:59+02:00',
      '2 Jul 01:59+02:00',
    ],
    [
      'America/St_Johns',
      '2026-01-01T00:00:00Z',
      '2025-12-31 20:30:00-03:30',
      '20:30:00-03:30',
      '20:30-03:30',
      '31 Dec 20:30-03:30',
    ],
  ];
  for (const [zone, iso, ...forms] of moments) {
    it(`is local and has its offset: ${zone}`, () => {
      expect(shownIn(zone, iso)).to.deep.equal(forms);
    });
  }
});
