import type Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { anthropicMessages } from '../../../../src/dialects/anthropic-messages/index.ts';
import { readRequest } from '../../../../src/dialects/anthropic-messages/read-request.ts';
import type { HubRequest, RequestBlock } from '../../../../src/dialects/hub.ts';
import { asRecord } from '../../../../src/shared/json.ts';
import { sentBody } from './official-client.ts';

const of = 'anthropic-messages';
const request = { model: 'm', max_tokens: 16, messages: [{ role: 'user', content: 'hi' }] };
const read = (fields: object): HubRequest => readRequest({ ...request, ...fields });
const contentOf = (content: unknown, role = 'user') => read({ messages: [{ role, content }] });
const blocksOf = (content: unknown, role = 'user') => contentOf(content, role).messages[0]?.blocks ?? [];
const brief = ({ head, text, attached }: RequestBlock) => ({ head, text, attached });

describe('the content of a message', () => {
  it('has images and documents from wherever they come', () => {
    const sources = [
      { type: 'base64', media_type: 'image/png', data: 'QUJD' },
      { type: 'url', url: 'https://example.com/a.png' },
      { type: 'file', file_id: 'file_1' },
    ];
    const heads = (kind: string) => [
      { head: { type: 'media', kind, mediaType: 'image/png', name: null, from: 'data' }, text: 'QUJD', attached: [] },
      {
        head: { type: 'media', kind, mediaType: null, name: null, from: 'url' },
        text: 'https://example.com/a.png',
        attached: [],
      },
      { head: { type: 'file-id', kind, of }, text: 'file_1', attached: [] },
    ];
    const images = blocksOf(sources.map((source) => ({ type: 'image', source })));
    expect(images.map(brief)).to.deep.equal(heads('image'));
    expect(images[0]?.at).to.equal('messages[0].content[0].source.data');
    expect(blocksOf(sources.map((source) => ({ type: 'document', source }))).map(brief)).to.deep.equal(heads('file'));
  });

  it('has the name of a document', () => {
    const source = { type: 'base64', media_type: 'application/pdf', data: 'QUJD' };
    const { messages, extensions } = contentOf([{ type: 'document', source, title: 'T' }]);
    expect(messages[0]?.blocks[0]?.head).to.deep.include({ mediaType: 'application/pdf', name: 'T' });
    expect(extensions).to.deep.equal([]);
  });

  it('has the marks for the cache', () => {
    const marked = { type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } };
    const plain = { type: 'text', text: 'b', cache_control: { type: 'ephemeral' } };
    const { messages, extensions } = contentOf([marked, plain, { type: 'text', text: 'c', cache_control: null }]);
    expect(messages[0]?.blocks.map(({ cache }) => cache)).to.deep.equal([{ ttl: '1h' }, { ttl: null }, null]);
    expect(extensions).to.deep.equal([]);
  });

  it('has the text of a document that is one, and names what stood beside it', () => {
    const source = { type: 'text', media_type: 'text/plain', data: 'words' };
    const parts = { type: 'content', content: [{ type: 'text', text: 'more' }] };
    const { messages, extensions } = contentOf([
      { type: 'document', source, title: 'T', citations: { enabled: false }, context: null },
      { type: 'document', source: parts, citations: { enabled: true } },
    ]);
    expect(messages[0]?.blocks.map(({ text }) => text)).to.deep.equal(['words', 'more']);
    expect(extensions).to.deep.equal([
      { of, name: 'document.title', value: 'T', refusal: null },
      { of, name: 'document.citations', value: { enabled: true }, refusal: null },
    ]);
  });

  it('has calls with their input as JSON text, and results', () => {
    const use = { type: 'tool_use', id: 'c1', name: 'f', input: { a: [1, { b: 'x' }] }, caller: { type: 'direct' } };
    const { messages, extensions } = read({
      messages: [
        { role: 'assistant', content: [use, { ...use, id: 'c2', input: {} }] },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'c1', content: 'done' },
            { type: 'tool_result', tool_use_id: 'c2', content: [{ type: 'text', text: 'no' }], is_error: true },
            { type: 'tool_result', tool_use_id: 'c3' },
          ],
        },
      ],
    });
    const [calls, results] = messages.map(({ blocks }) => blocks);
    expect(calls?.map(({ head, text, at }) => ({ head, text, at }))).to.deep.equal([
      {
        head: { type: 'call', callId: 'c1', name: 'f', by: 'client' },
        text: '{"a":[1,{"b":"x"}]}',
        at: 'messages[0].content[0].input',
      },
      {
        head: { type: 'call', callId: 'c2', name: 'f', by: 'client' },
        text: '{}',
        at: 'messages[0].content[1].input',
      },
    ]);
    const heads = results?.map(({ head }) => (head.type === 'result' ? head : null));
    expect(
      heads?.map((head) => [head?.callId, head?.isError, ...(head?.content ?? []).map(({ text }) => text)]),
    ).to.deep.equal([
      ['c1', false, 'done'],
      ['c2', true, 'no'],
      ['c3', false],
    ]);
    expect(extensions).to.deep.equal([]);
  });

  it('has thoughts with the proof of them, if there is one', () => {
    const blocks = blocksOf(
      [
        { type: 'thinking', thinking: 'hm', signature: 's' },
        { type: 'thinking', thinking: 'so', signature: '' },
        { type: 'redacted_thinking', data: 'r' },
      ],
      'assistant',
    );
    expect(blocks.map(brief)).to.deep.equal([
      { head: { type: 'reasoning', form: 'summary' }, text: 'hm', attached: [{ type: 'signature', of, data: 's' }] },
      { head: { type: 'reasoning', form: 'summary' }, text: 'so', attached: [] },
      { head: { type: 'reasoning', form: 'hidden' }, text: '', attached: [{ type: 'redacted', of, data: 'r' }] },
    ]);
  });

  it('has blocks that only this dialect knows as such, to be refused by others', () => {
    const value = { type: 'search_result', source: 'x', title: 'T', content: [] };
    const [block] = blocksOf([value]);
    expect(block?.head).to.deep.include({ type: 'foreign', of, name: 'search_result', value });
    expect(block?.head).to.have.property('refusal').that.is.a('string');
    const [image] = blocksOf([{ type: 'image', source: { type: 'new' } }]);
    expect(image?.head).to.include({ type: 'foreign', name: 'image' });
    const [run] = blocksOf([{ type: 'server_tool_use', id: 's', name: 'web_search', input: { q: 1 } }], 'assistant');
    expect(run?.head).to.include({ type: 'call', by: 'provider' });
  });
});

describe('a request of the official client', () => {
  it('keeps every block', async () => {
    const content: Anthropic.ContentBlockParam[] = [
      { type: 'text', text: 'a' },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'QUJD' } },
      { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'QUJD' } },
      { type: 'tool_result', tool_use_id: 'c1', content: [{ type: 'text', text: 'b' }] },
      { type: 'search_result', source: 's', title: 't', content: [{ type: 'text', text: 'c' }] },
    ];
    const said: Anthropic.ContentBlockParam[] = [
      { type: 'thinking', thinking: 'hm', signature: 's' },
      { type: 'redacted_thinking', data: 'r' },
      { type: 'text', text: 'd' },
      { type: 'tool_use', id: 'c1', name: 'f', input: { x: 1 } },
      { type: 'server_tool_use', id: 'c2', name: 'web_search', input: { q: 'x' } },
      { type: 'web_search_tool_result', tool_use_id: 'c2', content: [] },
    ];
    const body = await sentBody({
      model: 'm',
      max_tokens: 16,
      system: [{ type: 'text', text: 's' }],
      messages: [
        { role: 'user', content },
        { role: 'assistant', content: said },
      ],
    });
    const kinds = readRequest(body).messages.map(({ role, blocks }) => [role, ...blocks.map(({ head }) => head.type)]);
    expect(kinds).to.deep.equal([
      ['system', 'text'],
      ['user', 'text', 'media', 'media', 'result', 'foreign'],
      ['assistant', 'reasoning', 'reasoning', 'text', 'call', 'call', 'foreign'],
    ]);
  });
});

describe('a long text in the input of a tool', () => {
  it('is still JSON in a dialect that has the input as text', () => {
    const input = { content: '"\\\n€'.repeat(1_000) };
    const bytes = Buffer.from(
      JSON.stringify({
        ...request,
        messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'f', input }] }],
      }),
    );
    const arriving = anthropicMessages.arrive({});
    arriving.push(bytes);
    arriving.end();
    const { value, encode } = arriving.read(bytes).parsed();
    const [block] = readRequest(asRecord(value) ?? {}).messages[0]?.blocks ?? [];
    expect(block?.text.length).to.be.below(400);
    const written = JSON.parse(encode({ arguments: block?.text }).toString());
    expect(JSON.parse(written.arguments)).to.deep.equal(input);
  });
});
