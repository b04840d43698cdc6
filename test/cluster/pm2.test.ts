import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { smallest } from '../helpers/config-text.ts';
import { Pm2 } from '../helpers/pm2.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('under pm2', function () {
  this.timeout(60_000);
  let pm2: Pm2 | null = null;

  const start = async (config: string): Promise<Pm2> => {
    pm2 = new Pm2();
    writeFileSync(join(pm2.folder, 'headgate.yaml'), config);
    await pm2.start();
    return pm2;
  };

  beforeEach(function () {
    if (!existsSync(join(root, 'dist', 'cli', 'main.js'))) this.skip();
  });
  afterEach(async () => {
    await pm2?.end();
    pm2 = null;
  });

  it('serves the configuration of the folder that pm2 was called in, and stops cleanly', async () => {
    const pm2 = await start(`server: { port: 0 }\nadmin: { port: 0 }\nworkers: 1${smallest}`);
    // pm2 has waited for the word "ready".
    const serving = readFileSync(pm2.log('out'), 'utf8')
      .split('\n')
      .find((line) => line.includes('"serving"'));
    const { port } = JSON.parse(serving ?? '{}');
    const response = await fetch(`http://127.0.0.1:${port}/v1/models`, { headers: { connection: 'close' } });
    expect(await response.json()).to.have.nested.property('data[0].id', 'gpt-4');
    await pm2.order('stop', 'headgate');
    expect(readFileSync(pm2.log('out'), 'utf8')).to.match(/"stopped"\}\n$/);
    expect((await pm2.listed())?.pm2_env).to.include({ status: 'stopped', restart_time: 0 });
  });

  it('stays down with a bad configuration instead of trying again', async () => {
    const pm2 = await start(smallest.replace('type: openai', 'type: opnai'));
    expect(readFileSync(pm2.log('error'), 'utf8')).to.include('headgate.yaml:3:18 providers.local.type');
    expect((await pm2.listed())?.pm2_env).to.include({ status: 'stopped', restart_time: 0 });
  });
});
