import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { formField, MultipartFault } from '../../../src/wire/form-field.ts';
import { MultipartScanner } from '../../../src/wire/multipart.ts';

const BOUNDARY = '----WebKitFormBoundary7MA4';
const typeFor = (boundary: string) => `multipart/form-data; boundary=${boundary}`;
const part = (head: string, content: string | Buffer) =>
  Buffer.concat([Buffer.from(`${head}\r\n\r\n`), Buffer.from(content)]);
const field = (name: string, value: string) => part(`Content-Disposition: form-data; name="${name}"`, value);

function form(parts: readonly Buffer[], boundary = BOUNDARY): Buffer {
  const pieces = parts.flatMap((each) => [Buffer.from(`--${boundary}\r\n`), each, Buffer.from('\r\n')]);
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
}

/** Scans in chunks of these sizes, over and over. */
function scan(body: Buffer, type = typeFor(BOUNDARY), sizes: readonly number[] = [body.length]): MultipartScanner {
  const scanner = new MultipartScanner(type, ['model', 'stream', 'file']);
  for (let from = 0, turn = 0; from < body.length; turn += 1) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
    scanner.push(body.subarray(from, from + size));
    from += size;
  }
  scanner.end();
  return scanner;
}

function valueIn(body: Buffer, scanner: MultipartScanner, name: string): string | null {
  const { start, end } = scanner.field(name)?.value ?? { start: 0, end: -1 };
  return end < 0 ? null : body.toString('latin1', start, end);
}

/** Why the body is refused; '' if it is not. */
function fault(body: string | Buffer, type?: string): string {
  try {
    scan(Buffer.from(body), type);
    return '';
  } catch (error) {
    if (error instanceof MultipartFault) return error.message;
    throw error;
  }
}

describe('a form', () => {
  it('has fields before and behind its file', () => {
    const file = part(
      'content-disposition: form-data; name="file"; filename="a.mp3"\r\nContent-Type: audio/mpeg',
      'ID3',
    );
    const body = form([field('stream', 'true'), file, field('model', 'whisper-1')]);
    const scanner = scan(body);
    expect(['model', 'stream', 'file'].map((name) => valueIn(body, scanner, name))).to.deep.equal([
      'whisper-1',
      'true',
      'ID3',
    ]);
    expect([scanner.field('file')?.isFile, scanner.field('model')?.isFile]).to.deep.equal([true, false]);
    expect(scanner.field('absent')).to.equal(null);
  });

  it('is read the same however it is cut into chunks, whatever its parts hold', () => {
    const boundaries = fc.constantFrom('a', '-', '--', 'x--x', BOUNDARY, 'a'.repeat(70));
    // Beginnings of a boundary, which come to nothing.
    const near = (boundary: string) =>
      fc.constantFrom(
        '\r',
        '\n',
        '\r\n',
        '\r\n-',
        '\r\n--',
        `\r\n--${boundary.slice(0, -1)}`,
        `--${boundary}`,
        '\r\r\n--',
      );
    const contentOf = (boundary: string) =>
      fc
        .array(
          fc.oneof(
            near(boundary),
            fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
          ),
        )
        .map((pieces) => pieces.join(''))
        // With its end, since the last one may complete a boundary that the next line begins.
        .filter((text) => !`${text}\r\n`.includes(`\r\n--${boundary}`));
    const forms = boundaries.chain((boundary) =>
      fc.record({
        boundary: fc.constant(boundary),
        model: contentOf(boundary),
        others: fc.array(contentOf(boundary), { maxLength: 4 }),
        place: fc.nat(4),
      }),
    );
    const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(forms, sizes, ({ boundary, model, others, place }, cuts) => {
        const parts = others.map((text, index) =>
          part(`content-disposition: form-data; name=x${index}`, Buffer.from(text, 'latin1')),
        );
        parts.splice(place, 0, part('Content-Disposition:form-data;name=model', Buffer.from(model, 'latin1')));
        const body = form(parts, boundary);
        const scanner = scan(body, typeFor(boundary), cuts);
        expect(valueIn(body, scanner, 'model')).to.equal(model);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is refused at the same place however it is cut, if a byte of it is another one', () => {
    const whole = form([field('model', 'm'), field('file', 'abc')]);
    const outcome = (body: Buffer, sizes: readonly number[]) => {
      try {
        const scanner = scan(body, typeFor(BOUNDARY), sizes);
        return ['model', 'file'].map((name) => valueIn(body, scanner, name));
      } catch (error) {
        expect(error).to.be.instanceOf(MultipartFault);
        return error instanceof MultipartFault ? error.message : '';
      }
    };
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.integer({ min: 1, max: 40 }), (place, byte, size) => {
        const changed = Buffer.from(whole);
        changed[place] = byte;
        expect(outcome(changed, [size])).to.deep.equal(outcome(changed, [whole.length]));
      }),
      { numRuns: 2_000 },
    );
  });

  it('has its boundary in the content-type, quoted or not', () => {
    const body = form([field('model', 'm')], "a b:c'd");
    expect(valueIn(body, scan(body, `Multipart/Form-Data;charset=utf-8; Boundary="a b:c'd"`), 'model')).to.equal('m');
    for (const type of ['', '; boundary', '; boundary=', '; boundary=""', '; boundary="a "', '; boundary=é']) {
      expect(fault('', `multipart/form-data${type}`), type).to.include('no boundary');
    }
    for (const type of [`; boundary=${'a'.repeat(71)}`, '; boundary=a; boundary=b', String.raw`; boundary="a\b"`]) {
      expect(fault('', `multipart/form-data${type}`), type).to.include('no boundary');
    }
  });

  it('may have padding behind a boundary, and line ends behind the last one', () => {
    const head = 'content-disposition: form-data; name=model';
    const body = Buffer.from(`--b \t\r\n${head}\r\n\r\nm\r\n--b-- \r\n\r\n`);
    expect(valueIn(body, scan(body, typeFor('b')), 'model')).to.equal('m');
    expect(fault('--b--', typeFor('b'))).to.equal('');
  });

  it('is refused with anything before its first boundary, behind its last, or beside one', () => {
    const b = typeFor('b');
    expect(fault('preamble\r\n--b--', b)).to.equal('does not begin with its boundary');
    expect(fault('\r\n--b--', b)).to.equal('does not begin with its boundary');
    expect(fault('--b--\r\nx', b)).to.equal('goes on behind its last boundary');
    for (const text of ['--bx', '--b-x', '--b \n', '--b\n', '--b\rx', '--b --']) {
      expect(fault(text, b), text).to.equal('has a line that only begins with its boundary');
    }
  });

  it('is refused if it ends too early, or has nothing', () => {
    const whole = form([field('model', 'm')]);
    const shortest = whole.length - '\r\n'.length;
    for (let length = 0; length < shortest; length += 1) {
      expect(fault(whole.subarray(0, length)), String(length)).to.equal('ends before its last boundary');
    }
    expect(fault(whole.subarray(0, shortest))).to.equal('');
  });

  it('is refused if a field that decides is there twice, or under a name that some read as it', () => {
    expect(fault(form([field('model', 'a'), field('model', 'b')]))).to.equal("has the field 'model' twice");
    for (const name of ['mo%64el', String.raw`mod\el`]) {
      expect(fault(form([field(name, 'a')])), name).to.equal("has a field that some take for 'model'");
    }
    expect(fault(form([field('other', 'a'), field('other', 'b'), field('Model', 'c')]))).to.equal('');
  });

  it('is refused if a head is too large, or there are too many', () => {
    const large = part(`x: ${'a'.repeat(9_000)}\r\ncontent-disposition: form-data; name=a`, '');
    for (const sizes of [[100_000], [100], [1]]) {
      expect(() => scan(form([large]), typeFor(BOUNDARY), sizes)).to.throw('larger than 8192 bytes');
    }
    expect(fault(form(Array(1_000).fill(field('a', ''))))).to.equal('');
    expect(fault(form(Array(1_001).fill(field('a', ''))))).to.equal('has more than 1000 parts');
  });

  it('takes a time that grows with its length alone, however it is cut', () => {
    const body = form([
      part('content-disposition: form-data; name=file', `\r\n--${BOUNDARY.slice(0, -1)}`.repeat(4_000)),
    ]);
    const started = performance.now();
    scan(body, typeFor(BOUNDARY), [1]);
    scan(body);
    expect(performance.now() - started).to.be.below(2_000);
  });
});

describe('the head of a part', () => {
  it('has a name, and says whether it is a file or encoded', () => {
    expect(formField('CONTENT-DISPOSITION: Form-Data; name="a b"')).to.deep.equal({
      name: 'a b',
      isFile: false,
      isPlain: true,
    });
    expect(formField("content-disposition: form-data; name=f; filename*=UTF-8''x").isFile).to.equal(true);
    const encoded = 'content-disposition: form-data; name=a\r\ncontent-transfer-encoding: BASE64';
    expect(formField(encoded).isPlain).to.equal(false);
    expect(formField(encoded.replace('BASE64', '8bit')).isPlain).to.equal(true);
  });

  it('is refused if some readers would take another name from it, while those of its file may be in any form', () => {
    const disposition = 'content-disposition: form-data; name="x"';
    for (const more of ["name*=utf-8''model", 'Name*0=mod; name*1=el', "name*0*=utf-8''model"]) {
      expect(() => formField(`${disposition}; ${more}`), more).to.throw(
        MultipartFault,
        'another encoding or in pieces',
      );
    }
    for (const more of ["filename*=utf-8''a", 'filename*0=a; filename*1=b', "FileName*0*=utf-8''a"]) {
      expect(formField(`${disposition}; ${more}`), more).to.deep.include({ name: 'x', isFile: true });
    }
    expect(formField(`${disposition}; filenames=a`).isFile).to.equal(false);
  });

  it('is refused without a name, with two dispositions, and if it is no list of headers', () => {
    const disposition = 'content-disposition: form-data; name=a';
    for (const head of [
      'content-disposition: form-data',
      'content-disposition: attachment; name=a',
      'x: y',
      `${disposition}; x`,
    ]) {
      expect(() => formField(head), head).to.throw(MultipartFault, 'without a name');
    }
    expect(() => formField(`${disposition}\r\n${disposition}`)).to.throw('two dispositions');
    for (const head of [
      '',
      'x',
      `${disposition}\r\n name=b`,
      `${disposition}\n`,
      'a b: c',
      `${disposition}\r`,
      'x: \0',
    ]) {
      expect(() => formField(head), JSON.stringify(head)).to.throw('no list of headers');
    }
  });
});
