import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { LineBlocks, Redactor } from '../../../src/shared/log.ts';

describe('a redactor', () => {
  it('redacts every known secret at any place, the longer one first', () => {
    const redactor = new Redactor(['secret-1', 'secret-1-longer', '']);
    expect(redactor.redact('{"url":"http://x/?key=secret-1-longer","k":"secret-1"}')).to.equal(
      '{"url":"http://x/?key=[redacted]","k":"[redacted]"}',
    );
    expect(redactor.redact('GET /?key=secret-1 failed')).to.equal('GET /?key=[redacted] failed');
    expect(redactor.redact('nothing here')).to.equal('nothing here');
  });

  it('redacts a secret in its form as escaped JSON', () => {
    const secret = 'a"b\\c\nd"e';
    expect(new Redactor([secret]).redact(JSON.stringify({ secret }))).to.equal('{"secret":"[redacted]"}');
  });

  it('leaves words alone that local servers are given for a key', () => {
    const redactor = new Redactor(['x', '1', 'none', 'ollama', 'EMPTY', 'lm-studio']);
    const text = '{"error":{"message":"ollama on lm-studio: maximum context 16384","code":1011}}';
    expect(redactor.redact(text)).to.equal(text);
  });

  it('changes neither numbers nor names of JSON, so that it stays the same document', () => {
    const redactor = new Redactor(['12345678']);
    const text = '{"12345678": 12345678, "a": [123456789, "key 12345678"], "b": "\\"12345678"}';
    expect(redactor.redact(text)).to.equal(
      '{"12345678": 12345678, "a": [123456789, "key [redacted]"], "b": "\\"[redacted]"}',
    );
  });

  it('adds the secrets of a new configuration and keeps the old ones', () => {
    const redactor = new Redactor(['old-key-1']);
    redactor.know(['new-key-1']);
    expect(redactor.redact('old-key-1 new-key-1')).to.equal('[redacted] [redacted]');
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
