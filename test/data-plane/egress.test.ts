/** Providers behind proxies, with certificates of their own, and on Unix sockets, all of them real. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { getCACertificates, setDefaultCACertificates, type TlsOptions } from 'node:tls';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { RunningMock } from '../../src/mock/server.ts';
import type { ProviderConfig } from '../../src/shared/config.ts';
import { oneProxy } from '../../src/shared/egress/proxy-rules.ts';
import type { TlsConfig } from '../../src/shared/egress/way.ts';
import { certificates } from '../helpers/certificates.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { startTlsFront, startUnixFront } from '../helpers/front.ts';
import { type RunningProxy, startProxy } from '../helpers/proxy.ts';
import { testConfig } from '../helpers/test-config.ts';
import { errorOf, plainAnswer, planeFixture } from './plane-fixture.ts';

const fixture = planeFixture();
let mock: RunningMock;
let proxy: RunningProxy;
let closers: (() => Promise<unknown>)[];

type Egress = Pick<ProviderConfig, 'proxy' | 'tls'>;

async function planeAt(baseUrl: string, egress: Egress = {}): Promise<RunningPlane> {
  const config = testConfig({ openai: mock.port, timeouts: { connectMs: 500 }, retry: { attempts: 1 } });
  const { openai } = config.providers;
  if (openai === undefined) throw new Error('the configuration has another form');
  const plane = await startPlane({ ...config, providers: { openai: { ...openai, baseUrl, ...egress } } });
  closers.unshift(() => plane.close());
  return plane;
}

/** A provider that speaks TLS: its port. */
async function secured(options: TlsOptions = certificates().local): Promise<number> {
  const front = await startTlsFront(mock.port, options);
  closers.push(() => front.close());
  return front.port;
}

async function expectAnswers(plane: RunningPlane): Promise<void> {
  const whole = await plane.ask();
  expect(whole.status).to.equal(200);
  expect(await whole.text()).to.include('"finish_reason":"stop"');
  const stream = await plane.ask({ stream: true });
  expect(await stream.text()).to.match(/data: \[DONE\]\n\n$/);
}

/** The error of a request, and the operator's line for it. */
async function failure(plane: RunningPlane): Promise<{ code: string; status: number; line: string; attempts: string }> {
  const answer = await plane.ask();
  const { code } = await errorOf(answer);
  const attempts = answer.headers.get('x-headgate-attempts') ?? '';
  return { code, status: answer.status, line: plane.warned.at(-1) ?? '', attempts: attempts.replace(/\(.*?\)/g, '') };
}

const trusting = (more: Partial<TlsConfig> = {}): Egress => ({
  tls: { ca: certificates().ca.cert, ...more },
});

describe('the way to a provider', () => {
  beforeEach(async () => {
    mock = await fixture.mock('openai');
    proxy = await startProxy();
    closers = [() => proxy.close()];
  });
  afterEach(async () => {
    for (const close of closers) await close();
    await fixture.close();
  });

  describe('a provider behind a proxy', () => {
    it('is asked in a tunnel where it speaks TLS, streams included', async () => {
      const port = await secured();
      proxy.hosts.set('provider.invalid', '127.0.0.1');
      const plane = await planeAt(`https://provider.invalid:${port}/v1`, {
        ...trusting({ serverName: 'localhost' }),
        proxy: oneProxy(proxy.url),
      });
      await expectAnswers(plane);
      expect(proxy.asked, 'one tunnel, which is kept').to.deep.equal([`CONNECT provider.invalid:${port}`]);
    });

    it('is asked by the whole URL where it does not', async () => {
      proxy.hosts.set('provider.invalid', '127.0.0.1');
      proxy.credentials = 'user:pass word';
      const rules = oneProxy(proxy.url.replace('//', '//user:pass%20word@'));
      const plane = await planeAt(`http://provider.invalid:${mock.port}/v1`, { proxy: rules });
      await expectAnswers(plane);
      expect(proxy.asked[0]).to.equal(`POST http://provider.invalid:${mock.port}/v1/chat/completions`);
      expect(proxy.headers[0]?.host).to.equal(`provider.invalid:${mock.port}`);
    });

    it('shows the proxy its credentials, and nobody else', async () => {
      const port = await secured();
      proxy.credentials = 'user:secret';
      const rules = oneProxy(proxy.url.replace('//', '//user:secret@'));
      const plane = await planeAt(`https://localhost:${port}/v1`, { ...trusting(), proxy: rules });
      await expectAnswers(plane);
      expect(proxy.headers).to.have.lengthOf(1);
    });

    it('is asked through a proxy that speaks TLS itself, if Node trusts that one', async () => {
      const front = await startTlsFront(proxy.port, certificates().local);
      closers.push(() => front.close());
      const port = await secured();
      const rules = oneProxy(`https://localhost:${front.port}`);
      const plane = await planeAt(`https://localhost:${port}/v1`, { ...trusting(), proxy: rules });
      expect(await failure(plane)).to.include({ code: 'proxy_failed', attempts: 'openai=proxy-unreachable' });
      const known = getCACertificates();
      setDefaultCACertificates([certificates().ca.cert]);
      closers.unshift(async () => setDefaultCACertificates(known));
      await expectAnswers(await planeAt(`https://127.0.0.1:${port}/v1`, { ...trusting(), proxy: rules }));
      await expectAnswers(await planeAt(`http://127.0.0.1:${mock.port}/v1`, { proxy: rules }));
    });

    it('is asked directly where the rules say so', async () => {
      const rules = { ...oneProxy(proxy.url), bypass: 'example.com, 127.0.0.1' };
      await expectAnswers(await planeAt(`http://127.0.0.1:${mock.port}/v1`, { proxy: rules }));
      expect(proxy.asked).to.deep.equal([]);
    });

    for (const scheme of ['http', 'https']) {
      it(`names credentials that its proxy refuses, by ${scheme}`, async () => {
        proxy.credentials = 'user:secret';
        const plane = await planeAt(`${scheme}://127.0.0.1:${mock.port}/v1`, { proxy: oneProxy(proxy.url) });
        const { code, status, line, attempts } = await failure(plane);
        expect({ code, status, attempts }).to.deep.equal({
          code: 'proxy_failed',
          status: 502,
          attempts: 'openai=proxy-auth',
        });
        expect(line).to.match(/wants other credentials: write valid ones into the URL of its proxy/);
        expect(plane.count({ type: 'attempt-ended', providerVerdict: 'failure', verdict: 'neutral' })).to.equal(1);
      });
    }

    for (const [status, code, attempts] of [
      [403, 'proxy_failed', 'openai=proxy-refused'],
      [502, 'provider_unreachable', 'openai=proxy-failed'],
      [504, 'provider_unreachable', 'openai=proxy-failed'],
    ] as const) {
      it(`says whose failure it is that the proxy answers CONNECT with ${status}`, async () => {
        proxy.refusal = status;
        const plane = await planeAt('https://provider.invalid/v1', { proxy: oneProxy(proxy.url) });
        expect(await failure(plane)).to.include({ code, status: 502, attempts });
        expect(plane.count({ type: 'attempt-ended', providerVerdict: 'failure', verdict: 'neutral' })).to.equal(1);
      });
    }

    it('is not blamed for a proxy that is not there', async () => {
      const gone = await startProxy();
      await gone.close();
      for (const scheme of ['http', 'https']) {
        const plane = await planeAt(`${scheme}://127.0.0.1:${mock.port}/v1`, { proxy: oneProxy(gone.url) });
        expect(await failure(plane)).to.include({ code: 'proxy_failed', attempts: 'openai=proxy-unreachable' });
      }
    });

    it('is not blamed for a proxy that says nothing, or hangs up', async () => {
      proxy.silent = true;
      const plane = await planeAt('https://provider.invalid/v1', { proxy: oneProxy(proxy.url) });
      expect(await failure(plane)).to.include({ code: 'proxy_failed', attempts: 'openai=proxy-unreachable' });
      proxy.silent = false;
      proxy.closing = true;
      expect(await failure(plane)).to.include({ code: 'proxy_failed', attempts: 'openai=proxy-unreachable' });
    });

    it('may send interim answers and end its connections in a tunnel, too', async () => {
      const port = await fixture.provider((incoming, outgoing) => {
        outgoing.writeContinue();
        if (incoming.headers.connection !== 'close') outgoing.setHeader('content-type', 'application/json');
        outgoing.end(plainAnswer, () => outgoing.socket?.destroy());
      });
      const secure = await startTlsFront(port, certificates().local);
      closers.push(() => secure.close());
      const plane = await planeAt(`https://localhost:${secure.port}/v1`, { ...trusting(), proxy: oneProxy(proxy.url) });
      for (let request = 0; request < 3; request += 1) {
        const answer = await plane.ask();
        expect(answer.status).to.equal(200);
        await answer.text();
      }
      expect(plane.count({ type: 'attempt-ended', outcome: 'success' })).to.equal(3);
    });

    it('ends its tunnel when the client leaves', async () => {
      const port = await secured();
      const plane = await planeAt(`https://localhost:${port}/v1`, { ...trusting(), proxy: oneProxy(proxy.url) });
      mock.control.setFault({ kind: 'stall', afterChunks: 1 });
      const leaving = new AbortController();
      const answer = await plane.ask({ stream: true }, { signal: leaving.signal });
      const aborted = new Promise<void>((resolve) => {
        const look = () => (mock.control.stats().aborted > 0 ? resolve() : setImmediate(look));
        look();
      });
      await answer.body?.getReader().read();
      leaving.abort();
      await aborted;
      expect(plane.count({ type: 'attempt-ended', verdict: 'failure' })).to.equal(0);
    });
  });

  describe('a provider with a certificate', () => {
    it('is trusted by the authority that is configured for it', async () => {
      await expectAnswers(await planeAt(`https://localhost:${await secured()}/v1`, trusting()));
    });

    it('sees the certificate of the gateway', async () => {
      const { ca, local, client } = certificates();
      const port = await secured({ ...local, ca: ca.cert, requestCert: true, rejectUnauthorized: true });
      await expectAnswers(await planeAt(`https://localhost:${port}/v1`, trusting(client)));
    });

    it('says that it wants one', async () => {
      const { ca, local } = certificates();
      const wants = {
        ...local,
        ca: ca.cert,
        requestCert: true,
        rejectUnauthorized: true,
        maxVersion: 'TLSv1.2',
      } as const;
      const { code, line } = await failure(await planeAt(`https://localhost:${await secured(wants)}/v1`, trusting()));
      expect(code).to.equal('provider_auth');
      expect(line).to.match(/set its tls\.cert and tls\.key$/);
    });

    for (const [what, certificate, egress, code, label] of [
      ['an unknown authority', 'local', {}, 'provider_untrusted', 'certificate-untrusted'],
      ['another name', 'other', trusting, 'provider_untrusted', 'certificate-name'],
      ['a time that is over', 'expired', trusting, 'provider_unreachable', 'certificate-expired'],
    ] as const) {
      it(`is refused for ${what}, with and without a proxy`, async () => {
        const port = await secured(certificates()[certificate]);
        for (const way of [{}, { proxy: oneProxy(proxy.url) }]) {
          const plane = await planeAt(`https://localhost:${port}/v1`, {
            ...(typeof egress === 'function' ? egress() : egress),
            ...way,
          });
          expect(await failure(plane)).to.include({ code, status: 502, attempts: `openai=${label}` });
          expect(plane.warned.at(-1)).to.match(/^the certificate of provider openai /);
          expect(plane.count({ type: 'attempt-ended', providerVerdict: 'failure', verdict: 'neutral' })).to.equal(1);
        }
      });
    }

    it('may have another name than its address, if that one is configured', async () => {
      const port = await secured(certificates().other);
      await expectAnswers(await planeAt(`https://localhost:${port}/v1`, trusting({ serverName: 'other.example' })));
    });

    it('is told apart from one that does not speak TLS', async () => {
      const plane = await planeAt(`https://localhost:${mock.port}/v1`, trusting());
      expect(await failure(plane)).to.include({ code: 'provider_address', attempts: 'openai=no-tls' });
    });
  });

  describe('a provider on a Unix socket', () => {
    let folder = '';
    beforeEach(() => {
      folder = mkdtempSync(path.join(tmpdir(), 'headgate-socket-'));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it('answers, streams included, and no proxy is asked', async () => {
      const socket = path.join(folder, 'model.sock');
      const front = await startUnixFront(mock.port, socket);
      closers.push(() => front.close());
      await expectAnswers(await planeAt(`unix:${socket}:/v1`, { proxy: oneProxy(proxy.url) }));
      expect(proxy.asked).to.deep.equal([]);
      expect(front.connections()).to.equal(1);
    });

    it('is out of reach where there is no such file', async () => {
      const plane = await planeAt(`unix:${path.join(folder, 'none.sock')}:/v1`);
      expect(await failure(plane)).to.include({ code: 'provider_unreachable', attempts: 'openai=connection' });
    });
  });
});
