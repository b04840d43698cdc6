/** `headgate doctor`: what it looks at, and that each finding has a cure. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { freePort } from '../../../scripts/processes/free-port.ts';
import { type Finding, findingLines } from '../../../src/cli/doctor/finding.ts';
import { gatewayFindings } from '../../../src/cli/doctor/gateways.ts';
import { hostFindings } from '../../../src/cli/doctor/host.ts';
import { type SeenPort, seenPort } from '../../../src/cli/doctor/ports.ts';
import { reachFindings } from '../../../src/cli/doctor/reach.ts';
import { pm2Findings, systemdFindings } from '../../../src/cli/doctor/supervisors.ts';
import { Workplace } from '../../helpers/command.ts';
import { load, smallest } from '../../helpers/config-text.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';

/** It has no types: pm2 reads it. */
const ecosystem = new URL('../../../ecosystem.config.js', import.meta.url).href;

const drain = { stopMs: 60_000, restartMs: 600_000, announceMs: 5000 };

/** Level and text of what is not well. */
const bad = (findings: readonly Finding[]) =>
  findings.filter(({ level }) => level !== 'ok').map(({ level, what, cure }) => `${level}: ${what} → ${cure}`);

function withProvider(url: string) {
  return load(`
providers: { one: { type: openai, base_url: "${url}", api_key: sk-0123456789abcdef } }
models: { m: { targets: [{ provider: one, model: m }] } }
`);
}

describe('findings about the host', () => {
  it('tell of more workers than cores, and of the memory that they need', () => {
    const config = { ...withProvider('http://127.0.0.1:1/v1'), workers: 4000 };
    const found = bad(hostFindings(config)).join('\n');
    expect(found).to.match(/warn: 4000 for \d+ cores → set workers: auto/);
    expect(found).to.match(/warn: \d+ MB for 4000 workers .* → give it 800200 MB/);
    expect(bad(hostFindings({ ...config, workers: 1 })).join('\n')).to.not.match(/cores|memory/);
  });
});

describe('findings about a port', () => {
  it('tell a free one from one that is in use, by another program or by a gateway', async () => {
    const taken = net.createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const listener = { part: 'data port', host: '127.0.0.1', port, flag: 'server.port', isOurs: async () => false };
    expect(bad([(await seenPort(listener)).finding])[0]).to.match(/^fail: .* in use by another program → stop what/);
    expect(bad([(await seenPort({ ...listener, isOurs: async () => true })).finding])).to.deep.equal([]);
    const unasked = 'no certificate at /tls.crt';
    expect(bad([(await seenPort({ ...listener, isOurs: async () => ({ unasked }) })).finding])[0]).to.match(
      /^fail: .* in use, and cannot be asked by what: no certificate at \/tls\.crt → put the certificate/,
    );
    taken.close();
    await once(taken, 'close');
    expect(bad([(await seenPort(listener)).finding])).to.deep.equal([]);
    expect(bad([(await seenPort({ ...listener, host: '192.0.2.1', port: 0 })).finding])[0]).to.match(/EADDRNOTAVAIL/);
  });
});

describe('findings about both ports', () => {
  const seen = (part: string, holder: SeenPort['holder']): SeenPort => {
    const words = { nobody: 'is free', gateway: 'is in use by a gateway that runs', another: 'is taken' };
    return { finding: { level: 'ok', part, what: `it ${words[holder]}`, cure: null }, holder };
  };
  const found = (data: SeenPort['holder'], admin: SeenPort['holder'], holderPort: number | null, port = 8080) => {
    const adminHolder = holderPort === null ? null : { source: 'other.yaml', port: holderPort };
    return bad(gatewayFindings({ data: seen('data port', data), admin: seen('admin port', admin), port, adminHolder }));
  };

  it('are none for a gateway that has both, and for free ones', () => {
    expect(found('nobody', 'nobody', null)).to.deep.equal([]);
    expect(found('gateway', 'gateway', 8080)).to.deep.equal([]);
    expect(found('gateway', 'gateway', null)).to.deep.equal([]);
    expect(found('nobody', 'gateway', 9999, 0)).to.deep.equal([]);
  });

  it('tell of workers whose primary is gone', () => {
    expect(found('gateway', 'nobody', null)).to.have.length(1);
    expect(found('gateway', 'nobody', null)[0]).to.match(
      /^fail: it is free, but workers serve at the data port: their primary is gone → start it again within a minute/,
    );
  });

  it('tell of an admin port that another gateway holds, and which', () => {
    const cure = '→ give one of the two another admin.port, or stop that one';
    for (const data of ['nobody', 'gateway', 'another'] as const) {
      expect(found(data, 'gateway', 9000)).to.deep.equal([
        `fail: it is in use by a gateway that runs for another data port (it runs with other.yaml, and serves at port 9000), so \`serve\` would end ${cure}`,
      ]);
    }
    expect(found('nobody', 'gateway', null)[0]).to.match(/^fail: .* for another data port, so `serve` would end →/);
  });
});

describe('findings about a provider', () => {
  let server: http.Server | null = null;
  afterEach(() => server?.close());

  async function serve(date: string): Promise<{ readonly url: string; readonly seen: http.IncomingMessage[] }> {
    const seen: http.IncomingMessage[] = [];
    server = http.createServer((request, response) => {
      seen.push(request);
      response.sendDate = false;
      response.writeHead(404, { date });
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, seen };
  }

  it('tell that it is reached, whatever it answers, and send no key', async () => {
    const { url, seen } = await serve(new Date().toUTCString());
    const found = await reachFindings(withProvider(url));
    expect(bad(found)).to.deep.equal([]);
    expect(found.map(({ part }) => part)).to.deep.equal(['provider one', 'clock']);
    expect(JSON.stringify(seen.map(({ headers }) => headers))).to.not.include('sk-');
  });

  it('tell of a clock that is off', async () => {
    const clock = new ManualClock(500);
    const { url } = await serve(new Date(clock.wallMs() - 500 + 120_000).toUTCString());
    expect(bad(await reachFindings(withProvider(url), clock))[0]).to.match(/^warn: 120 s behind .* → set it by NTP/);
  });

  it('tell why it is not reached', async () => {
    const { url } = await serve('');
    server?.close();
    const [found] = bad(await reachFindings(withProvider(url)));
    expect(found).to.match(/^fail: no connection to 127\.0\.0\.1:\d+ \(ECONNREFUSED\) → look whether providers\.one/);
    server = null;
  });
});

describe('findings about what starts the gateway', () => {
  const good = [
    'KillMode=process',
    'TimeoutStopUSec=1min 15s',
    'Restart=always',
    'LimitNOFILE=65536',
    'StartLimitIntervalUSec=0',
    'StartLimitBurst=5',
  ];
  const unit = (...changed: string[]) => {
    const kept = good.filter((line) => !changed.some((other) => other.split('=')[0] === line.split('=')[0]));
    return bad(systemdFindings('headgate.service', [...kept, ...changed].join('\n'), drain));
  };

  it('are none for a unit with fitting settings', () => expect(unit()).to.deep.equal([]));

  it('read spans in every unit of systemd', () => {
    for (const span of ['2min', '1w', '1month 2d', '1y', 'infinity'])
      expect(unit(`TimeoutStopUSec=${span}`)).to.deep.equal([]);
    expect(unit('TimeoutStopUSec=999us')).to.have.length(1);
  });

  const mistakes: readonly [string, RegExp][] = [
    ['KillMode=control-group', /KillMode=process$/],
    ['TimeoutStopUSec=1min 5s', /^warn: a stop may take 65 s, and is cut off after 65 s → TimeoutStopSec=80/],
    ['Restart=on-failure', /Restart=always$/],
    ['LimitNOFILE=1024', /LimitNOFILE=65536$/],
    ['StartLimitIntervalUSec=10s', /StartLimitIntervalSec=0 in \[Unit\]$/],
  ];
  for (const [line, expected] of mistakes) {
    it(`name a mistake of a unit with its cure: ${line}`, () => {
      expect(unit(line)).to.have.length(1);
      expect(unit(line)[0]).to.match(expected);
    });
  }

  it('are none for the unit and the process file that are shipped', async () => {
    const text = readFileSync(new URL('../../../deploy/headgate.service', import.meta.url), 'utf8');
    const set = [...text.matchAll(/^(KillMode|Restart|LimitNOFILE)=(.*)$/gm)].map(([line]) => line);
    expect(bad(systemdFindings('x', set.join('\n'), drain))).to.deep.equal([]);
    const { apps } = (await import(ecosystem)) as {
      readonly apps: readonly Record<string, unknown>[];
    };
    const list = apps.map((app) => ({ name: 'headgate', pm2_env: { ...app, exec_mode: 'fork_mode' } }));
    expect(bad(pm2Findings(list, { ...drain, announceMs: 0 }))).to.deep.equal([]);
  });

  it('name the mistakes of a process of pm2, and leave other programs alone', () => {
    const process = { exec_mode: 'cluster_mode', kill_timeout: 1600, watch: true };
    const found = bad(
      pm2Findings(
        [
          { name: 'headgate', pm2_env: process },
          { name: 'web', pm2_env: process },
        ],
        drain,
      ),
    );
    expect(found).to.have.length(6);
    expect(found[0]).to.match(/^fail: it runs in cluster mode/);
    expect(found[1]).to.match(/kill_timeout: 70000$/);
    expect(pm2Findings(undefined, drain)).to.deep.equal([]);
  });
});

describe('the lines of a finding', () => {
  it('are what is so, and the cure below it', () => {
    const finding = { level: 'warn', part: 'clock', what: '90 s behind', cure: 'set it' } as const;
    expect(findingLines(finding)).to.deep.equal([
      'warn  clock            90 s behind',
      '                       → set it',
    ]);
  });
});

describe('headgate doctor', () => {
  it('fails for a configuration that does not load, with its faults, and looks at the host all the same', async () => {
    const place = new Workplace({ 'headgate.yaml': 'providers: {}\n' });
    const { code, stdout, stderr } = await place.run(['doctor', '--json']);
    await place.leave();
    const findings = JSON.parse(stdout) as Finding[];
    expect(code).to.equal(1);
    expect(stderr).to.match(/^headgate: \d findings? would keep a gateway from working\n$/);
    expect(findings.some(({ part, level }) => part === 'node' && level === 'ok')).to.equal(true);
    expect(findings.some(({ part, what }) => part === 'configuration' && what.includes('models'))).to.equal(true);
    const caret = findings.find(({ part, source }) => part === 'configuration' && source !== undefined);
    expect(caret?.source?.join('\n')).to.equal('  1 | providers: {}\n    | ^');
    expect(caret?.cure).to.match(/^put there what should be there/);
    expect(findings.map(({ part }) => part)).to.include.members(['open files', 'data port', 'admin port']);
  });

  it('says what to do about a certificate that cannot be read', async () => {
    const place = new Workplace({
      'headgate.yaml': `admin: { tls: { cert: none.crt, key: none.key } }\n${smallest}`,
    });
    const { code, stdout } = await place.run(['doctor']);
    await place.leave();
    expect(code).to.equal(1);
    expect(stdout).to.match(/fail {2}configuration +.*admin\.tls\.cert: should be a file that can be read, got none/);
    expect(stdout).to.match(/→ put a sound one there, readable for the user of the gateway/);
  });

  it('finds nothing that keeps the demo from working, but what has its ports', async () => {
    const place = new Workplace();
    const { stdout } = await place.run(['doctor', '--json']);
    await place.leave();
    const findings = JSON.parse(stdout) as Finding[];
    expect(findings.some(({ part, what }) => part === 'configuration' && what === 'demo is valid')).to.equal(true);
    expect(failures(findings).filter(({ part }) => !part.endsWith(' port'))).to.deep.equal([]);
    expect(findings.filter(({ part }) => part.startsWith('provider ')).map(({ what }) => what)).to.deep.equal([
      'comes with the demo, at http://127.0.0.1:8001/v1',
      'comes with the demo, at http://127.0.0.1:8002',
    ]);
  });

  it('finds nothing that keeps a gateway from working on free ports, before a provider that answers', async () => {
    const provider = http.createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
    await once(provider, 'listening');
    const { port } = provider.address() as AddressInfo;
    const config = { server: { port: await freePort() }, admin: { port: await freePort() }, ...oneProvider(port) };
    const place = new Workplace({ 'headgate.yaml': JSON.stringify(config) });
    const { code, stdout, stderr } = await place.run(['doctor', '--json']);
    await place.leave();
    provider.close();
    expect(failures(JSON.parse(stdout))).to.deep.equal([]);
    expect([code, stderr]).to.deep.equal([0, '']);
  });

  const failures = (findings: readonly Finding[]) => findings.filter(({ level }) => level === 'fail');
  const oneProvider = (port: number) => ({
    providers: { one: { type: 'openai', base_url: `http://127.0.0.1:${port}/v1`, api_key: 'sk-0123456789abcdef' } },
    models: { m: { targets: [{ provider: 'one', model: 'm' }] } },
  });
});
