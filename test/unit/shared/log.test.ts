import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { describe, it } from 'mocha';

describe('the log', () => {
  it('writes JSON lines without secrets, also in the stack of an error', () => {
    const program = `
      import { openLog } from '${new URL('../../../src/shared/log.ts', import.meta.url).href}';
      import { Redactor } from '${new URL('../../../src/shared/redactor.ts', import.meta.url).href}';
      const { log } = openLog({ level: 'info', redactor: new Redactor(['sk-canary']), base: { worker: 3 } });
      log.info({ err: new Error('bad key sk-canary'), nested: { key: 'sk-canary' } }, 'with sk-canary');
      log.debug('not shown');`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
    const lines = stdout.trim().split('\n');
    expect(lines).to.have.length(1);
    expect(stdout).not.to.contain('sk-canary');
    expect(JSON.parse(lines[0] ?? '')).to.include({ level: 30, worker: 3, msg: 'with [redacted]' });
  });
});

describe('a log that is written in blocks', () => {
  it('has written every line in order when its process ends, also those of the sink', () => {
    const program = `
      import { openLog } from '${new URL('../../../src/shared/log.ts', import.meta.url).href}';
      import { Redactor } from '${new URL('../../../src/shared/redactor.ts', import.meta.url).href}';
      const { log, sink } = openLog({ level: 'info', redactor: new Redactor(), inBlocks: true });
      for (let line = 0; line < 500; line += 2) {
        log.info({ line }, 'logged');
        sink.write(JSON.stringify({ line: line + 1, padding: 'x'.repeat(line) }) + '\\n');
      }
      process.exit(0);`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).line)).to.deep.equal(Array.from({ length: 500 }, (_, line) => line));
  });
});
