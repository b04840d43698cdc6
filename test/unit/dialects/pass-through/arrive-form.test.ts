import { expect } from 'chai';
import { describe, it } from 'mocha';
import { clientDialectOf } from '../../../../src/dialects/registry.ts';
import type { ArrivedRequest } from '../../../../src/dialects/types.ts';
import { GatewayError } from '../../../../src/shared/errors.ts';
import { arrivedAt } from '../../../helpers/codecs.ts';

const TYPE = 'multipart/form-data; boundary="b"';

/** A form of these fields; those with a colon in their name are heads of their own. */
function formOf(...fields: readonly (readonly [string, string])[]): string {
  const parts = fields.map(([name, value]) => {
    const head = name.includes(':') ? name : `Content-Disposition: form-data; name="${name}"`;
    return `--b\r\n${head}\r\n\r\n${value}\r\n`;
  });
  return `${parts.join('')}--b--\r\n`;
}

const file = ['content-disposition: form-data; name=file; filename=a.mp3', 'ID3\0\xff'] as const;

function read(text: string, dialect = 'openai-transcriptions', type = TYPE): ArrivedRequest {
  return arrivedAt(clientDialectOf(dialect), Buffer.from(text, 'latin1'), 5, { 'content-type': type });
}

/** Code, field and message of a refusal. */
function refusal(text: string, dialect?: string, type?: string): unknown[] {
  try {
    read(text, dialect, type);
    return [];
  } catch (error) {
    if (error instanceof GatewayError) return [error.code, error.param, error.message];
    throw error;
  }
}

describe('a request that is passed on as a form', () => {
  it('is read by its model, which may come behind its file, and keeps its content-type', () => {
    for (const fields of [[['model', 'm'], file] as const, [file, ['model', 'm']] as const]) {
      const { outline, contentType } = read(formOf(...fields));
      expect(contentType).to.equal(TYPE);
      expect(outline).to.deep.equal({
        model: 'm',
        stream: false,
        wantsUsage: false,
        choices: 1,
        hasStopSequences: false,
        sessionKey: null,
        continues: null,
      });
    }
  });

  it('differs in nothing but its model', () => {
    const text = formOf(['language', 'm'], file, ['model', 'm'], ['prompt', 'm']);
    const arrived = read(text);
    expect(arrived.edited({ model: 'm' })).to.equal(arrived.bytes);
    const expected = formOf(['language', 'm'], file, ['model', 'openai/whisper é'], ['prompt', 'm']);
    expect(arrived.edited({ model: 'openai/whisper é' }).toString()).to.equal(
      Buffer.from(expected).toString().replace('\xff', '\ufffd'),
    );
  });

  it('may want a stream, and several answers', () => {
    const streams = ['true', 'True', '1', 'false', '0', '', 'maybe'].map(
      (stream) => read(formOf(['model', 'm'], file, ['stream', stream])).outline.stream,
    );
    expect(streams).to.deep.equal([true, true, true, false, false, false, false]);
    const edit = (n: string) => read(formOf(['model', 'm'], ['prompt', 'a'], ['n', n]), 'openai-image-edits').outline;
    expect(['2', '1', '-1', 'x', ''].map((n) => edit(n).choices)).to.deep.equal([2, 1, 1, 1, 1]);
  });

  it('is refused without what every provider asks for', () => {
    expect(refusal(formOf(file)).slice(0, 2)).to.deep.equal(['missing_parameter', 'model']);
    expect(refusal(formOf(['model', 'm'])).slice(0, 2)).to.deep.equal(['missing_parameter', 'file']);
    expect(refusal(formOf(['model', 'm']), 'openai-image-edits').slice(0, 2)).to.deep.equal([
      'missing_parameter',
      'prompt',
    ]);
    expect(refusal(formOf(['model', ''], file)).slice(0, 2)).to.deep.equal(['invalid_value', 'model']);
  });

  it('is refused if its model is a file, or encoded', () => {
    const disposition = 'content-disposition: form-data; name=model';
    const asFile = formOf([`${disposition}; filename=x`, 'm'], file);
    expect(refusal(asFile)).to.deep.equal(['invalid_value', 'model', "'model' should be a text, got a file."]);
    const encoded = formOf([`${disposition}\r\ncontent-transfer-encoding: base64`, 'bQ=='], file);
    expect(refusal(encoded)[2]).to.equal("'model' should be a text, got an encoded one.");
  });

  it('is refused with what is wrong with it, if it is no form', () => {
    const message = (text: string, type?: string) => refusal(text, undefined, type)[2];
    expect(message('x')).to.equal('The body, as multipart/form-data, does not begin with its boundary.');
    expect(message(formOf(file, ['model', 'm']).slice(0, -9))).to.include('ends before its last boundary.');
    expect(message(formOf(file), 'multipart/form-data')).to.include('has no boundary in its content-type');
    expect(message(formOf(['model', 'a'], ['model', 'b']))).to.include("has the field 'model' twice.");
  });

  it('has no tree', () => {
    expect(() => read(formOf(file, ['model', 'm'])).parsed()).to.throw('a form has no tree');
  });
});
