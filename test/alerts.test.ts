/** The alerts that are shipped: they are valid, they fire when somebody must act, and not when a client makes mistakes. */
import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { root } from '../scripts/rig/checkout.ts';

const promtool = spawnSync('promtool', ['--version']).error === undefined;

describe('the alerts', () => {
  for (const args of [
    ['check', 'rules', 'deploy/alerts.yml'],
    ['test', 'rules', 'deploy/alerts.test.yml'],
  ]) {
    const run = promtool ? it : it.skip;
    run(`pass promtool ${args[0]} ${args[1]}${promtool ? '' : ' (promtool is not installed)'}`, () => {
      const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: root, encoding: 'utf8' });
      expect(status, `${stdout}${stderr}`).to.equal(0);
    });
  }
});
