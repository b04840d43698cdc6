import { expect } from 'chai';
import { describe, it } from 'mocha';
import { sigv4 } from '../../../../../src/providers/credentials/aws/sigv4.ts';
import { piecesOf } from '../../../../../src/wire/pieced-bytes.ts';

const url = 'https://bedrock-runtime.eu-central-1.amazonaws.com/model/m/converse';
const fetched = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' };
const nowMs = Date.UTC(2030, 0, 2, 3, 4, 5);

function signed(body: Parameters<typeof sigv4.authorize>[0]['body'], headers = {}, atMs = nowMs) {
  const secrets = { apiKey: '', settings: { region: 'eu-central-1' }, fetched };
  return sigv4.authorize({ method: 'POST', url, headers, body }, secrets, atMs);
}

describe('a request signed for AWS', () => {
  it('has its time, its token, the digest of its body, and a signature over them and the host', () => {
    const { authorization, ...headers } = signed(Buffer.from('{}'));
    expect(headers).to.deep.equal({
      'x-amz-date': '20300102T030405Z',
      'x-amz-security-token': 'token',
      'x-amz-content-sha256': '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
    });
    expect(authorization).to.match(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20300102\/eu-central-1\/bedrock\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
    );
  });

  it('signs no header of others, but those of AWS', () => {
    const plain = signed(Buffer.from('{}')).authorization;
    expect(signed(Buffer.from('{}'), { accept: 'text/event-stream' }).authorization).to.equal(plain);
    expect(signed(Buffer.from('{}'), { 'x-amz-target': 'a' }).authorization).to.contain(';x-amz-target,');
  });

  it('is the same whether its body is in one piece or in many', () => {
    const pieces = Array.from({ length: 5 }, (_, at) => Buffer.alloc(300_000, at));
    expect(signed(piecesOf(pieces))).to.deep.equal(signed(Buffer.concat(pieces)));
  });

  it('is another one each day', () => {
    const body = Buffer.from('{}');
    const tomorrow = signed(body, {}, nowMs + 86_400_000).authorization;
    expect(tomorrow).to.contain('/20300103/').and.not.equal(signed(body).authorization);
    expect(signed(body)).to.deep.equal(signed(body));
  });
});
