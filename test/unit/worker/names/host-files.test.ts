import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { candidateNames, HostFile, parseHosts, parseResolverConfig } from '../../../../src/worker/names/host-files.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';

describe('/etc/hosts', () => {
  it('gives the addresses of a name in the order of the file, whatever its case', () => {
    const hosts = parseHosts('127.0.0.1 localhost  Box # here\n::1\tlocalhost\n\n10.0.0.7 box\r\n');
    expect(hosts.get('localhost')).to.deep.equal([
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ]);
    expect(hosts.get('box')?.map(({ address }) => address)).to.deep.equal(['127.0.0.1', '10.0.0.7']);
  });

  it('skips lines that are none of its own', () => {
    expect(parseHosts('# 1.2.3.4 a\nnonsense b\n1.2.3 c\n1.2.3.4').size).to.equal(0);
  });
});

describe('/etc/resolv.conf', () => {
  it('names servers, search domains and ndots', () => {
    const text = 'nameserver 10.0.0.2\nnameserver fd00::2 # two\nsearch a.svc. b.svc\noptions timeout:2 ndots:5\n';
    expect(parseResolverConfig(text)).to.deep.equal({
      servers: ['10.0.0.2', 'fd00::2'],
      search: ['a.svc', 'b.svc'],
      ndots: 5,
    });
  });

  it('lets the last of several search lines count, and one domain stand for them', () => {
    expect(parseResolverConfig('search a b\ndomain c\n').search).to.deep.equal(['c']);
    expect(parseResolverConfig('')).to.deep.equal({ servers: [], search: [], ndots: 1 });
  });

  it('tells which names to try, and in which order', () => {
    const config = { servers: [], search: ['ns.svc', 'svc'], ndots: 2 };
    expect(candidateNames('ollama', config)).to.deep.equal(['ollama.ns.svc', 'ollama.svc', 'ollama']);
    expect(candidateNames('api.openai.com', config)[0]).to.equal('api.openai.com');
    expect(candidateNames('ollama.', config)).to.deep.equal(['ollama']);
    expect(candidateNames('ollama', { ...config, search: [] })).to.deep.equal(['ollama']);
  });
});

describe('a file of the host', () => {
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'headgate-names-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is read again when it has changed, is the same value otherwise, and empty while it is missing', () => {
    const clock = new ManualClock();
    const name = path.join(folder, 'hosts');
    const file = new HostFile(name, parseHosts, clock);
    expect(file.read().size).to.equal(0);
    writeFileSync(name, '10.0.0.1 a');
    clock.advance(1_000);
    const first = file.read();
    expect([...first.keys()]).to.deep.equal(['a']);
    clock.advance(1_000);
    expect(file.read()).to.equal(first);
    writeFileSync(name, '10.0.0.1 a b');
    clock.advance(1_000);
    expect([...file.read().keys()]).to.deep.equal(['a', 'b']);
    rmSync(name);
    clock.advance(1_000);
    expect([...file.read().keys()]).to.deep.equal(['a', 'b']);
  });
});
