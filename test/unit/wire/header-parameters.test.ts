import { expect } from 'chai';
import { describe, it } from 'mocha';
import { headerParameters } from '../../../src/wire/header-parameters.ts';

const read = (value: string) => {
  const found = headerParameters(value);
  return found === null ? null : Object.fromEntries(found);
};

describe('the parameters of a header', () => {
  it('are names in any case with a value, quoted or not', () => {
    expect(read('form-data')).to.deep.equal({});
    expect(read('form-data;')).to.deep.equal({});
    expect(read('form-data; Name="a b" ;filename=x.mp3')).to.deep.equal({ name: 'a b', filename: 'x.mp3' });
    expect(read("form-data; name=a; filename*=UTF-8''%c3%a9.mp3")).to.deep.equal({
      name: 'a',
      'filename*': "UTF-8''%c3%a9.mp3",
    });
  });

  it('may have separators in quotes, and escapes, which stay', () => {
    expect(read('x; a="; b=c"')).to.deep.equal({ a: '; b=c' });
    expect(read(String.raw`x; a="\"; b=c"`)).to.deep.equal({ a: String.raw`\"; b=c` });
    expect(read('x; a="Ã©\xa0"')).to.deep.equal({ a: 'Ã©\xa0' });
    expect(read('x; a=""')).to.deep.equal({ a: '' });
  });

  it('are not read where anything else is between them, or one is there twice', () => {
    for (const value of ['x; a', 'x; a=', 'x; a="b', 'x; a="b"c', 'x; a=b c', 'x; a=1; A=2', 'x; =b', 'x; a b=c']) {
      expect(read(value), value).to.equal(null);
    }
  });
});
