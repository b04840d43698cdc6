/** Real pipes, sockets and devices as standard output of real processes. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { after, describe, it } from 'mocha';
import { temporaryFolder } from '../../../../scripts/processes/temporary-folder.ts';
import { openPort } from '../../../../src/shared/output/port.ts';

const source = (file: string) => new URL(`../../../../src/shared/${file}`, import.meta.url).href;

/** Writes until there is no room, then reports on standard error. */
const fill = `
  import { readFileSync } from 'node:fs';
  import { openPort } from '${source('output/port.ts')}';
  const port = openPort();
  const line = 'x'.repeat(1023) + '\\n';
  let bytes = 0;
  let taken = port.write(line);
  while (typeof taken === 'number' && bytes < 10_000_000) {
    bytes += taken;
    taken = port.write(line);
  }
  const flags = /^flags:\\s*(\\d+)/m.exec(readFileSync('/proc/self/fdinfo/1', 'latin1'))[1];
  process.stderr.write(JSON.stringify({ bytes, taken, shared: (Number.parseInt(flags, 8) & 0o4000) !== 0 }));`;

interface Report {
  readonly bytes: number;
  readonly taken: number | string;
  /** Whether the description that the process was started with does not block. */
  readonly shared: boolean;
}

/** Runs the program with that standard output, which nobody reads. */
async function reportOf(output: number | 'pipe'): Promise<Report> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', fill], { stdio: ['ignore', output, 'pipe'] });
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await once(child, 'exit');
  child.stdout?.destroy();
  return JSON.parse(text) as Report;
}

describe('standard output', () => {
  const temporary = temporaryFolder();
  after(() => temporary.remove());

  /** Both ends of a new named pipe. */
  function namedPipe(name: string): { readonly reader: number; readonly writer: number } {
    const file = path.join(temporary.folder, name);
    expect(spawnSync('mkfifo', [file]).status).to.equal(0);
    return { reader: openSync(file, constants.O_RDONLY | constants.O_NONBLOCK), writer: openSync(file, 'w') };
  }

  it('that is a pipe which nobody reads is full, and still blocks its other holders', async () => {
    const { reader, writer } = namedPipe('unread');
    const { bytes, taken, shared } = await reportOf(writer);
    expect({ taken, shared }).to.deep.equal({ taken: 'full', shared: false });
    expect(bytes).to.be.within(4096, 1024 * 1024);
    closeSync(reader);
    closeSync(writer);
  });

  it('that is a pipe without a reader is closed', async () => {
    const { reader, writer } = namedPipe('closed');
    closeSync(reader);
    expect(await reportOf(writer)).to.include({ bytes: 0, taken: 'closed' });
    closeSync(writer);
  });

  it('that is a socket which nobody reads is full', async () => {
    const { bytes, taken, shared } = await reportOf('pipe');
    expect({ taken, shared }).to.deep.equal({ taken: 'full', shared: true });
    expect(bytes).to.be.within(4096, 9_000_000);
  });

  it('that is a full device is full', async () => {
    const device = openSync('/dev/full', 'w');
    expect(await reportOf(device)).to.include({ bytes: 0, taken: 'full' });
    closeSync(device);
  });

  it('that is a file takes all and has a size', async () => {
    const file = openSync(path.join(temporary.folder, 'log'), 'w');
    expect(await reportOf(file)).to.include({ taken: 1024, shared: false });
    expect(openPort(file).size()).to.be.at.least(10_000_000);
    closeSync(file);
  });

  it('that is a file knows whether its last line has an end', () => {
    const file = openSync(path.join(temporary.folder, 'lines'), 'a');
    const port = openPort(file);
    const ends = ['', 'half', ' a line\n'].map((text) => {
      if (text !== '') port.write(text);
      return port.endsWithinLine();
    });
    closeSync(file);
    expect(ends).to.deep.equal([false, true, false]);
  });
});
