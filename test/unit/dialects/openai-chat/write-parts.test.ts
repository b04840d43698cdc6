import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { BlockHead } from '../../../../src/dialects/hub.ts';
import { writeContent } from '../../../../src/dialects/openai-chat/write-parts.ts';
import { GatewayError } from '../../../../src/shared/errors.ts';
import { blockOf, callOf, textOf } from './requests.ts';

type Media = Extract<BlockHead, { type: 'media' }>;

function media(kind: Media['kind'], mediaType: string | null, from: Media['from']): BlockHead {
  return { type: 'media', kind, mediaType, name: null, from };
}

describe('what a user says', () => {
  it('is one text where it is texts alone', () => {
    expect(writeContent([textOf('a'), textOf(''), textOf('b')])).to.equal('a\nb');
    expect(writeContent([textOf('')])).to.equal('');
  });

  it('is parts, in order, where it holds more', () => {
    const image = blockOf(media('image', null, 'url'), 'https://example.com/a.png');
    expect(writeContent([textOf('a'), image, textOf(''), textOf('b')])).to.deep.equal([
      { type: 'text', text: 'a' },
      { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
      { type: 'text', text: 'b' },
    ]);
  });

  for (const [name, head, part] of [
    ['an image', media('image', null, 'data'), { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }],
    [
      'a wav',
      media('audio', 'audio/x-wav', 'data'),
      { type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } },
    ],
    [
      'an mp3',
      media('audio', 'audio/mpeg', 'data'),
      { type: 'input_audio', input_audio: { data: 'AA==', format: 'mp3' } },
    ],
    [
      'a file',
      media('file', 'application/pdf', 'data'),
      { type: 'file', file: { filename: 'file.pdf', file_data: 'data:application/pdf;base64,AA==' } },
    ],
    [
      'a file that OpenAI keeps',
      { type: 'file-id', kind: 'file', of: 'openai' },
      { type: 'file', file: { file_id: 'AA==' } },
    ],
    [
      'a part of this dialect',
      { type: 'foreign', of: 'openai-chat', name: 'x', value: { type: 'x' }, refusal: 'should be none' },
      { type: 'x' },
    ],
  ] as const) {
    it(`may be the data of ${name}`, () => {
      expect(writeContent([blockOf(head, 'AA==')])).to.deep.equal([part]);
    });
  }

  for (const [name, head] of [
    ['a file by its id in another store', { type: 'file-id', kind: 'file', of: 'other' }],
    ['an image by its id', { type: 'file-id', kind: 'image', of: 'openai' }],
    ['a sound by its address', media('audio', 'audio/mpeg', 'url')],
    ['a sound of another form', media('audio', 'audio/ogg', 'data')],
    ['a video', media('video', 'video/mp4', 'data')],
    ['a block of another dialect', { type: 'foreign', of: 'other', name: 'x', value: {}, refusal: 'should be none' }],
  ] as const) {
    it(`is refused by its place if it is ${name}`, () => {
      expect(() => writeContent([blockOf(head, 'AA==', 'there')]))
        .to.throw(GatewayError, /^there should be /)
        .with.property('param', 'there');
    });
  }

  it('holds no call', () => {
    expect(() => writeContent([callOf('1')])).to.throw(GatewayError, 'here should be no call for this provider');
  });
});
