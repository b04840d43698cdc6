import { expect } from 'chai';
import { describe, it } from 'mocha';
import { refuseAnother } from '../../../src/cli/right-gateway.ts';

describe('a command for the gateway of a file', () => {
  const answering = (source: string, port: number) => ({
    get: async () => ({
      version: '1',
      primary: { pid: 1, uptimeSeconds: 1 },
      listeners: { gateway: { host: '127.0.0.1', port }, admin: { host: '127.0.0.1', port: 9464 } },
      ...{ workers: [], circuits: [], rests: [], models: [] },
      config: { version: 1, loadedAt: '', source },
    }),
  });
  const refusal = (source: string, port: number, meant = { source: '/etc/b.yaml', port: 8080 as number | null }) =>
    refuseAnother(answering(source, port), meant).then(
      () => null,
      (error: Error) => error.message,
    );

  it('is refused by one with another file at another port, which it names', async () => {
    expect(await refusal('/etc/a.yaml', 8081))
      .to.contain('it runs with /etc/a.yaml and serves at port 8081, but /etc/b.yaml is for port 8080')
      .and.contain('--admin-port 9464');
    expect(await refusal('demo', 8081)).to.be.a('string');
  });

  it('is taken where the file or the port is the same', async () => {
    expect(await refusal('/etc/a.yaml', 8080)).to.equal(null);
    expect(await refusal('/etc/b.yaml', 8081)).to.equal(null);
    expect(await refusal('b.yaml', 8081)).to.equal(null);
    expect(await refusal('./b.yaml', 8081)).to.equal(null);
    expect(await refusal('/etc/ab.yaml', 8081)).to.be.a('string');
  });

  it('is taken where the file does not tell the port', async () => {
    for (const port of [null, 0])
      expect(await refusal('/etc/a.yaml', 8081, { source: '/etc/b.yaml', port })).to.equal(null);
  });
});
