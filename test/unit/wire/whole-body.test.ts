import { expect } from 'chai';
import { describe, it } from 'mocha';
import { areLines, isOtherForm, withoutByteOrderMark } from '../../../src/wire/whole-body.ts';

describe('a whole body', () => {
  it('loses its byte order mark, and nothing else', () => {
    expect(withoutByteOrderMark(Buffer.from('\uFEFF{}')).toString()).to.equal('{}');
    for (const text of ['', '{}', ' \uFEFF{}']) {
      const body = Buffer.from(text);
      expect(withoutByteOrderMark(body)).to.equal(body);
    }
  });

  it('is of another form where it is sound, not where it is broken', () => {
    for (const text of ['[]', '7', '\uFEFF{"a":1}', ' <!doctype html>', '{"a":1}\n{"b":', '\n{"a":1}\n\n{"b":1}\n']) {
      expect(isOtherForm(Buffer.from(text)), text).to.equal(true);
    }
    for (const text of ['', '{"a":', '{"a":1', '{\n"a":1', 'upstream timed out', '{"a":1}\nrest']) {
      expect(isOtherForm(Buffer.from(text)), text).to.equal(false);
    }
  });

  it('is seen to be lines of JSON as soon as the second line begins', () => {
    for (const text of ['', '{"a":1}', '{"a":1}\n', '{"a":1}\n\r\n ']) {
      expect(areLines(Buffer.from(text)), text).to.equal(null);
    }
    for (const text of ['{"a":1}\n{', '{"a":1}\r\n\r\n{"b":2}'])
      expect(areLines(Buffer.from(text)), text).to.equal(true);
    for (const text of ['{\n"a":1}', '{"a":[\n{', '{"a":1}\n]', '[1]\n{']) {
      expect(areLines(Buffer.from(text)), text).to.equal(false);
    }
  });
});
