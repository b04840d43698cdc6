import { expect } from 'chai';
import { describe, it } from 'mocha';
import { firstScreen } from '../../../src/cli/first-screen.ts';
import { demoConfigInput } from '../../../src/config/demo.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { certificates } from '../../helpers/certificates.ts';
import { load, smallest } from '../../helpers/config-text.ts';

const demo = { openaiPort: 8003, anthropicPort: 8004 };
const facts = { version: '1.2.3', source: 'demo', port: 8080, adminPort: 9464 };
const input = demoConfigInput(demo);
const config = loadConfig({ source: { kind: 'object', name: 'demo', input }, environment: {} });

describe('firstScreen', () => {
  it('has at most nine lines, so that twelve with log lines are enough', () => {
    expect(firstScreen({ ...facts, config, demo })).to.have.length.at.most(9);
  });

  it('shows the ports of the demo', () => {
    const text = firstScreen({ ...facts, config, demo }).join('\n');
    expect(text).to.include('openai 127.0.0.1:8003').and.to.include('http://127.0.0.1:8003/_mock/fault');
  });

  it('ends with a curl command that works as pasted', () => {
    const everywhere = load(`server: { host: "::", open: true }${smallest}`);
    expect(firstScreen({ ...facts, port: 1234, config: everywhere, demo: null }).at(-1)).to.equal(
      `curl http://[::1]:1234/v1/chat/completions -H 'content-type: application/json' -d '{"model":"gpt-4","messages":[{"role":"user","content":"Hello"}]}'`,
    );
  });

  it('says https where a port has TLS, and asks for what clients must show', () => {
    const { cert, key } = certificates().local;
    const files = { 'tls.crt': cert, 'tls.key': key };
    const text = (clientCa: string) =>
      `server: { tls: { cert: tls.crt, key: tls.key${clientCa} } }\nadmin: { tls: { cert: tls.crt, key: tls.key } }${smallest}`;
    const lines = firstScreen({ ...facts, config: load(text(''), { files }), demo: null });
    expect(lines.join('\n')).to.include('  admin      https://127.0.0.1:9464');
    expect(lines.at(-1)).to.match(/^curl -k https:\/\/127\.0\.0\.1:8080\/v1/);
    const closed = load(text(', client_ca: tls.crt'), { files });
    expect(firstScreen({ ...facts, config: closed, demo: null }).at(-1)).to.match(/^curl -k --cert "\$CLIENT_CERT" /);
  });

  it('shows no key', () => {
    const closed = load(`server: { keys: [canary] }${smallest}`);
    const lines = firstScreen({ ...facts, config: closed, demo: null });
    expect(lines.join('\n')).not.to.include('canary');
    expect(lines.at(-1)).to.include('$HEADGATE_KEY');
  });

  it('names only the first of many models', () => {
    const models = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`m${index}`, { targets: [{ provider: 'openai', model: 'x' }] }]),
    );
    const many = loadConfig({ source: { kind: 'object', name: 'x', input: { ...input, models } }, environment: {} });
    expect(firstScreen({ ...facts, config: many, demo: null }).join('\n')).to.include('m5 and 24 more');
  });
});
