import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { AnswerHeads } from '../../../../src/worker/upstream/interim-answers.ts';

const FINAL = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi';

/** What a reader sees of chunks that answer one request. */
function filtered(...chunks: readonly string[]): { seen: string; interim: boolean } {
  const heads = new AnswerHeads();
  heads.expect();
  const seen = chunks.map((chunk) => heads.filter(Buffer.from(chunk, 'latin1')).toString('latin1')).join('');
  return { seen, interim: heads.interim };
}

describe('interim answers', () => {
  for (const interim of [
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n',
    'HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\nx: y\r\n\r\nHTTP/1.1 100\r\n\r\n',
    'HTTP/1.1 100 Continue\n\n',
  ]) {
    it(`are dropped, cut at any byte: ${JSON.stringify(interim)}`, () => {
      const text = interim + FINAL;
      for (let at = 0; at <= text.length; at += 1) {
        expect(filtered(text.slice(0, at), text.slice(at)), `cut at ${at}`).to.deep.equal({
          seen: FINAL,
          interim: true,
        });
      }
      expect(filtered(...text).seen).to.equal(FINAL);
    });
  }

  for (const answer of [
    FINAL,
    'HTTP/1.0 404 Not Found\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n',
    'SSH-2.0-OpenSSH_9\r\n',
    'HTTP/1.1 1x0 nonsense\r\n\r\n',
    'HTTP/2 103\r\n\r\n',
  ]) {
    it(`are nothing else: ${JSON.stringify(answer)}`, () => {
      for (let at = 0; at <= answer.length; at += 1) {
        const { seen, interim } = filtered(answer.slice(0, at), answer.slice(at));
        expect([seen, interim]).to.deep.equal([answer, false]);
      }
    });
  }

  it('are looked for before each answer, and never inside of one', () => {
    const heads = new AnswerHeads();
    const body = 'HTTP/1.1 100 Continue\r\n\r\n';
    for (let request = 0; request < 3; request += 1) {
      expect(heads.used).to.equal(request > 0);
      heads.expect();
      expect(heads.interim).to.equal(false);
      heads.filter(Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'));
      expect(heads.filter(Buffer.from(FINAL)).toString()).to.equal(FINAL);
      expect(heads.filter(Buffer.from(body)).toString()).to.equal(body);
    }
  });

  it('take no byte of any other answer, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 20 })), (chunks) => {
        const text = chunks.join('');
        fc.pre(!/^HTTP\/1\.\d 1/.test(text) && !'HTTP/1.'.startsWith(text.slice(0, 7)));
        expect(filtered(...chunks).seen).to.equal(Buffer.from(text, 'latin1').toString('latin1'));
      }),
    );
  });
});
