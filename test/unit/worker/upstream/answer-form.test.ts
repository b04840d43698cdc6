import { expect } from 'chai';
import { describe, it } from 'mocha';
import { formOf, labelledForm } from '../../../../src/worker/upstream/answer-form.ts';

const form = (text: string, asked: 'whole' | 'events') => formOf(Buffer.from(text, 'latin1'), asked);

describe('the form of an answer', () => {
  for (const text of ['{"id":1}', '[{}]', '\r\n \t{', '\xef\xbb\xbf{', '<html>']) {
    it(`is one piece, whatever was asked for: ${JSON.stringify(text)}`, () => {
      expect([form(text, 'events'), form(text, 'whole')]).to.deep.equal(['whole', 'whole']);
    });
  }

  for (const text of [
    'data: {"id":1}',
    'data:{',
    'event: x',
    ': OPENROUTER PROCESSING',
    'id: 1',
    'retry: 1',
    '\n\ndata:',
  ]) {
    it(`is events, whatever was asked for: ${JSON.stringify(text)}`, () => {
      expect([form(text, 'events'), form(text, 'whole')]).to.deep.equal(['events', 'events']);
    });
  }

  for (const text of ['upstream timed out', 'date', '1']) {
    it(`is what was asked for when it is neither: ${JSON.stringify(text)}`, () => {
      expect([form(text, 'events'), form(text, 'whole')]).to.deep.equal(['events', 'whole']);
    });
  }

  it('is not known while its bytes say nothing', () => {
    for (const text of ['', ' ', '\n\r\n', '\xef\xbb\xbf']) {
      expect([form(text, 'events'), form(text, 'whole')]).to.deep.equal([null, null]);
    }
    for (const text of ['d', 'data', 'even', 'r']) expect(form(text, 'whole')).to.equal(null);
  });
});

describe('the form of an answer of any media type', () => {
  it('is that of its label, and events only if a stream was asked for', () => {
    for (const type of ['text/event-stream', 'Text/Event-Stream; charset=utf-8']) {
      expect([labelledForm(type, 'events'), labelledForm(type, 'whole')]).to.deep.equal(['events', 'whole']);
    }
    for (const type of ['', 'application/json', 'text/plain', 'audio/mpeg']) {
      expect(labelledForm(type, 'events'), type).to.equal('whole');
    }
  });
});
