import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { LineBlocks, Redactor } from '../../../src/shared/log.ts';

describe('a redactor', () => {
  it('redacts every known secret at any place, the longer one first', () => {
    const redactor = new Redactor(['abc', 'abcdef', '']);
    expect(redactor.redact('{"url":"http://x/?key=abcdef","k":"abc"}')).to.equal(
      '{"url":"http://x/?key=[redacted]","k":"[redacted]"}',
    );
    expect(redactor.redact('nothing here')).to.equal('nothing here');
  });

  it('redacts a secret in its form as escaped JSON', () => {
    const secret = 'a"b\\c\n';
    expect(new Redactor([secret]).redact(JSON.stringify({ secret }))).to.equal('{"secret":"[redacted]"}');
  });

  it('adds the secrets of a new configuration and keeps the old ones', () => {
    const redactor = new Redactor(['old-key']);
    redactor.know(['new-key']);
    expect(redactor.redact('old-key new-key')).to.equal('[redacted] [redacted]');
  });
});

describe('the log', () => {
  it('writes JSON lines without secrets, also in the stack of an error', () => {
    const program = `
      import { createLog, Redactor } from '${new URL('../../../src/shared/log.ts', import.meta.url).href}';
      const log = createLog({ level: 'info', redactor: new Redactor(['sk-canary']), pretty: false, base: { worker: 3 } });
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
      import { createBufferedLog, Redactor } from '${new URL('../../../src/shared/log.ts', import.meta.url).href}';
      const { log, sink } = createBufferedLog({ level: 'info', redactor: new Redactor(), pretty: false });
      for (let line = 0; line < 500; line += 2) {
        log.info({ line }, 'logged');
        sink?.write(JSON.stringify({ line: line + 1, padding: 'x'.repeat(line) }) + '\\n');
      }
      process.exit(0);`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).line)).to.deep.equal(Array.from({ length: 500 }, (_, line) => line));
  });
});

describe('blocks of lines', () => {
  /** The blocks that the destination received. */
  function blocks(largest: number): { written: string[]; lines: LineBlocks } {
    const written: string[] = [];
    return { written, lines: new LineBlocks({ write: (block) => written.push(block) }, largest) };
  }

  it('are written when the next line would make them too large, in order', () => {
    const { written, lines } = blocks(8);
    for (const line of ['one\n', 'two\n', 'three\n']) lines.write(line);
    expect(written).to.deep.equal(['one\ntwo\n']);
    lines.flushSync();
    expect(written).to.deep.equal(['one\ntwo\n', 'three\n']);
  });

  it('are measured in bytes', () => {
    const { written, lines } = blocks(8);
    for (const line of ['äöü\n', 'b\n']) lines.write(line);
    expect(written).to.deep.equal(['äöü\n']);
  });

  it('hold a line that is too long on its own', () => {
    const { written, lines } = blocks(4);
    for (const line of ['a\n', 'much too long\n', 'b\n']) lines.write(line);
    lines.flushSync();
    expect(written).to.deep.equal(['a\n', 'much too long\n', 'b\n']);
  });

  it('are not written while no line is waiting', () => {
    const { written, lines } = blocks(4);
    lines.flushSync();
    expect(written).to.deep.equal([]);
  });
});
