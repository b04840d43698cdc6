import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Extensions } from '../../../../src/dialects/openai-responses/extensions.ts';
import { readItems } from '../../../../src/dialects/openai-responses/read-items.ts';
import { GatewayError } from '../../../../src/shared/errors.ts';

function read(...items: readonly unknown[]) {
  const extensions = new Extensions();
  const messages = readItems(items, extensions);
  return { messages, blocks: messages.flatMap(({ blocks }) => blocks), extensions: extensions.all };
}

/** What is wrong with an item, by its place. */
function refused(item: unknown): string | null {
  try {
    read(item);
  } catch (error) {
    if (error instanceof GatewayError) return error.param;
  }
  return null;
}

describe('the items of the input', () => {
  it('are messages, with a type or without', () => {
    const { messages } = read(
      { role: 'developer', content: 'd' },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'u' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'a', annotations: [] }] },
    );
    expect(messages.map(({ role, blocks }) => [role, blocks[0]?.text, blocks[0]?.at])).to.deep.equal([
      ['developer', 'd', 'input[0].content'],
      ['user', 'u', 'input[1].content[0]'],
      ['assistant', 'a', 'input[2].content[0]'],
    ]);
  });

  it('are calls and what came of them, under the names by which other dialects call the tools', () => {
    const { messages, blocks } = read(
      { type: 'function_call', call_id: 'a', name: 'wind', namespace: 'sea', arguments: '{"x":9007199254740993}' },
      { type: 'custom_tool_call', call_id: 'b', name: 'patch', input: 'line "1"\n' },
      { type: 'function_call_output', call_id: 'a', output: 'high' },
      { type: 'custom_tool_call_output', call_id: 'b', output: [{ type: 'input_text', text: 'done' }] },
    );
    expect(messages.map(({ role }) => role)).to.deep.equal(['assistant', 'assistant', 'user', 'user']);
    const [wind, patch, high, done] = blocks;
    expect(wind?.head).to.deep.equal({ type: 'call', callId: 'a', name: 'sea__wind', by: 'client' });
    expect(wind?.text).to.equal('{"x":9007199254740993}');
    expect(JSON.parse(patch?.text ?? '')).to.deep.equal({ input: 'line "1"\n' });
    expect(high?.head).to.deep.include({ type: 'result', callId: 'a', isError: false });
    expect(done?.head.type === 'result' && done.head.content[0]?.text).to.equal('done');
  });

  it('are thoughts, with what OpenAI alone can read of them', () => {
    const { blocks } = read(
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 's' }], encrypted_content: 'e' },
      { type: 'reasoning', id: 'rs_2', summary: [], content: [{ type: 'reasoning_text', text: 'r' }] },
      { type: 'reasoning', id: 'rs_3', summary: [] },
    );
    const proof = { type: 'signature', of: 'openai-responses', data: 'e' };
    expect(blocks.map(({ head, text, attached }) => [head.type === 'reasoning' && head.form, text, attached])).to.eql([
      ['summary', 's', [proof]],
      ['raw', 'r', []],
      ['hidden', '', []],
    ]);
  });

  it('are images and files, by address, as data or by an id of OpenAI', () => {
    const content = [
      { type: 'input_image', image_url: 'https://a.example/b.png', detail: 'auto' },
      { type: 'input_image', image_url: 'data:image/png;base64,AA==' },
      { type: 'input_image', file_id: 'file-1' },
      { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,BB==' },
      { type: 'input_file', file_url: 'https://a.example/b.pdf' },
      { type: 'input_audio', input_audio: { data: 'CC==', format: 'mp3' } },
    ];
    const { blocks } = read({ role: 'user', content });
    expect(blocks.map(({ head, text }) => [head.type, 'kind' in head && head.kind, text])).to.deep.equal([
      ['media', 'image', 'https://a.example/b.png'],
      ['media', 'image', 'AA=='],
      ['file-id', 'image', 'file-1'],
      ['media', 'file', 'BB=='],
      ['media', 'file', 'https://a.example/b.pdf'],
      ['media', 'audio', 'CC=='],
    ]);
  });

  it('may lose what a provider did by itself, thoughts that it keeps, and how a message was meant, by name', () => {
    const { messages, extensions } = read(
      { type: 'web_search_call', id: 'ws_1', status: 'completed' },
      { type: 'item_reference', id: 'rs_1' },
      { type: 'message', role: 'assistant', phase: 'commentary', content: 'x' },
    );
    expect(messages).to.have.length(1);
    expect(extensions.map(({ name, refusal }) => [name, refusal])).to.deep.equal([
      ['web_search_call', null],
      ['item_reference', null],
      ['phase', null],
    ]);
  });

  it('are refused by their place if other dialects have no words for them', () => {
    for (const type of ['item_reference', 'compaction', 'local_shell_call', 'configuration_update', 'no such']) {
      expect(refused({ type, id: 'x' }), type).to.equal('input[0]');
    }
    // OpenAI's own client leaves the type of a reference out.
    for (const reference of [{ id: 'msg_1' }, { id: 'msg_1', type: null }])
      expect(refused(reference)).to.equal('input[0]');
    expect(refused(7)).to.equal('input[0]');
    expect(refused({ role: 'robot', content: 'x' })).to.equal('input[0].role');
    expect(refused({ role: 'user' })).to.equal('input[0].content');
    expect(refused({ role: 'user', content: [{}] })).to.equal('input[0].content[0]');
    expect(refused({ type: 'function_call', name: 'f', arguments: '{}' })).to.equal('input[0].call_id');
    expect(refused({ type: 'function_call_output', call_id: 'a' })).to.equal('input[0].output');
    const image = { type: 'input_image', image_url: 'file:///etc/passwd' };
    expect(refused({ role: 'user', content: [image] })).to.equal('input[0].content[0].image_url');
  });
});
