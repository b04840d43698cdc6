import { execFileSync } from 'node:child_process';
import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { defaults } from '../../src/config/schema/defaults.ts';
import { parseDuration } from '../../src/config/schema/quantities.ts';
import { inFolder } from '../helpers/config-text.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const file = new URL('../../ecosystem.config.js', import.meta.url).href;

/** The app's settings that pm2 reads when it is called in this folder. */
function appSeenFrom(folder: string, environment: Readonly<Record<string, string>> = {}): Record<string, unknown> {
  const script = `import(${JSON.stringify(file)}).then(({ apps }) => console.log(JSON.stringify(apps)))`;
  const text = execFileSync(process.execPath, ['-e', script], { cwd: folder, env: environment, encoding: 'utf8' });
  const apps: unknown = JSON.parse(text);
  if (!Array.isArray(apps) || apps.length !== 1) throw new Error(`not one app: ${text}`);
  return apps[0];
}

describe('ecosystem.config.js', () => {
  const app = inFolder({}, (folder) => appSeenFrom(folder));

  it('has absolute paths of program and interpreter, so that it works from any folder', () => {
    expect(app.script).to.equal(`${root}dist/cli/main.js`);
    expect(isAbsolute(String(app.interpreter))).to.equal(true);
    expect(app.args).to.equal('serve');
  });

  it('leaves fork, drain and stop to the gateway', () => {
    expect(app).to.deep.include({ exec_mode: 'fork', treekill: false, pmx: false, wait_ready: true });
    expect(app.stop_exit_codes).to.deep.equal([78]);
    expect(app).not.to.have.property('exp_backoff_restart_delay');
  });

  it('waits before it starts again, for less than the minute in which workers serve without a primary', () => {
    expect(app.restart_delay).to.be.within(100, 10_000);
  });

  it('waits longer than the drain before it kills', () => {
    expect(app.kill_timeout).to.be.greaterThan(parseDuration(defaults.drain.stop) ?? Number.POSITIVE_INFINITY);
  });

  it("runs in the caller's folder if that has a configuration", () => {
    inFolder({ 'headgate.yaml': '' }, (folder) => expect(appSeenFrom(folder).cwd).to.equal(folder));
  });

  it("runs in the caller's folder if HEADGATE_CONFIG is set", () => {
    inFolder({}, (folder) => expect(appSeenFrom(folder, { HEADGATE_CONFIG: 'a.yaml' }).cwd).to.equal(folder));
  });
});
