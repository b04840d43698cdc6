import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { localTime } from '../../../src/cli/local-time.ts';

const file = fileURLToPath(new URL('../../../src/cli/local-time.ts', import.meta.url));

describe('localTime', () => {
  for (const [zone, shown] of [
    ['UTC', '2026-11-27 15:40:21 +00:00'],
    ['Europe/Berlin', '2026-11-27 16:40:21 +01:00'],
    ['America/St_Johns', '2026-11-27 12:10:21 -03:30'],
  ]) {
    it(`is that of the clock in ${zone}, with its offset`, () => {
      const script = `import { localTime } from ${JSON.stringify(file)}; process.stdout.write(localTime('2026-11-27T15:40:21.123Z'))`;
      const env = { ...process.env, TZ: zone };
      expect(String(execFileSync(process.execPath, ['--input-type=module', '-e', script], { env }))).to.equal(shown);
    });
  }

  it('leaves a text that is no time', () => expect(localTime('noon')).to.equal('noon'));
});
