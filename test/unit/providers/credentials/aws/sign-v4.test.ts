import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { canonicalRequest, sha256, signV4 } from '../../../../../src/providers/credentials/aws/sign-v4.ts';

interface SignatureCase {
  readonly name: string;
  /** As it was before it is signed. */
  readonly request: string;
  readonly canonical: string;
  readonly signature: string;
  /** Whether the token is added after the signature. */
  readonly omitsToken: boolean;
  readonly token?: string;
}

interface Suite {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly service: string;
  readonly cases: readonly SignatureCase[];
}

const file = new URL('../../../../contract/payloads/aws-signatures/suite.json', import.meta.url);
const suite = JSON.parse(readFileSync(file, 'utf8')) as Suite;
const time = '20150830T123600Z';
const emptyDigest = sha256('');

/** What a case asks to be signed. Its paths are as they are before they are encoded, as ours are before the second time. */
function requestOf({ request, canonical, omitsToken, token }: SignatureCase) {
  const [head = '', body = ''] = request.replaceAll('\r\n', '\n').split(/\n\n/);
  const [first = '', ...lines] = head.trimEnd().split('\n');
  const [, method = '', target = ''] = /^(\w+) (.*) HTTP/.exec(first) ?? [];
  const given = lines
    .map((line) => /^([^:]+):(.*)$/.exec(line) ?? [])
    .map(([, name = '', value = '']) => [name, value]);
  const { host = '', ...headers } = Object.fromEntries(given.map(([name = '', value]) => [name.toLowerCase(), value]));
  const digest = sha256(body);
  const withToken = token === undefined || omitsToken ? {} : { 'x-amz-security-token': token };
  const withDigest = canonical.includes('x-amz-content-sha256') ? { 'x-amz-content-sha256': digest } : {};
  return {
    method,
    url: `https://${host.trim()}${target}`,
    headers: { ...headers, ...withToken, ...withDigest, 'x-amz-date': time },
    digest,
  };
}

describe('a signature of AWS, version 4', () => {
  for (const each of suite.cases) {
    it(`is what the suite of AWS says: ${each.name}`, () => {
      const request = requestOf(each);
      expect(canonicalRequest(request).canonical).to.equal(each.canonical);
      const { accessKeyId, secretAccessKey, region, service } = suite;
      const authorization = signV4(request, { accessKeyId, secretAccessKey, sessionToken: null, region, service });
      expect(authorization).to.match(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20150830\/us-east-1\/service\/aws4_request, /,
      );
      expect(authorization.endsWith(`, Signature=${each.signature}`)).to.equal(true);
    });
  }

  it('encodes the path that is sent once more', () => {
    const url = 'https://bedrock-runtime.eu-central-1.amazonaws.com/model/eu.anthropic.claude-1%3A0/converse';
    const { canonical } = canonicalRequest({ method: 'POST', url, headers: {}, digest: emptyDigest });
    expect(canonical.split('\n')[1]).to.equal('/model/eu.anthropic.claude-1%253A0/converse');
  });

  it('names the port of an address that is none of the usual ones', () => {
    const { canonical } = canonicalRequest({ method: 'GET', url: 'http://127.0.0.1:81/a', headers: {}, digest: '' });
    expect(canonical).to.contain('\nhost:127.0.0.1:81\n');
  });
});
