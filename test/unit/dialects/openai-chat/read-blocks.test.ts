import { expect } from 'chai';
import { describe, it } from 'mocha';
import { BlockReader } from '../../../../src/dialects/openai-chat/read-blocks.ts';

/** The events of these deltas and of the end, in short: `open 0 text`, `0 piece`, `close 0`. */
function told(...deltas: readonly Readonly<Record<string, unknown>>[]): string[] {
  const reader = new BlockReader();
  return [...deltas.flatMap((delta) => reader.take(delta)), ...reader.close()].map((event) => {
    switch (event.type) {
      case 'open':
        return `open ${event.block} ${event.head.type === 'call' ? `${event.head.callId} ${event.head.name}` : event.head.type}`;
      case 'delta':
        return `${event.block} ${event.text}`;
      case 'attach':
        return `${event.block} ${event.attachment.type}`;
      default:
        return `${event.type}${'block' in event ? ` ${event.block}` : ''}`;
    }
  });
}

function call(index: number, fields: object): Readonly<Record<string, unknown>> {
  return { tool_calls: [{ index, ...fields }] };
}

describe('the blocks of a message', () => {
  it('close when a text of another kind begins', () => {
    expect(told({ reasoning: 'a' }, { reasoning: 'b' }, { content: 'c' }, { reasoning: 'd' })).to.deep.equal([
      ...['open 0 reasoning', '0 a', '0 b', '0 signature', 'close 0'],
      ...['open 1 text', '1 c', 'close 1'],
      ...['open 2 reasoning', '2 d', '2 signature', 'close 2'],
    ]);
  });

  it('close when a call begins', () => {
    const first = call(0, { id: 'a', function: { name: 'f', arguments: '{}' } });
    expect(told({ content: 't' }, first, { content: 'u' })).to.deep.equal([
      ...['open 0 text', '0 t', 'close 0', 'open 1 a f', '1 {}'],
      ...['open 2 text', '2 u', 'close 2', 'close 1'],
    ]);
  });

  it('are open together where they are calls, whose pieces interleave', () => {
    const piece = (index: number, text: string) => call(index, { function: { arguments: text } });
    expect(
      told(
        call(0, { id: 'a', function: { name: 'f', arguments: '' } }),
        call(1, { id: 'b', function: { name: 'g', arguments: '' } }),
        ...[piece(1, '['), piece(0, '{'), piece(1, ']'), piece(0, '}')],
      ),
    ).to.deep.equal([...['open 0 a f', 'open 1 b g', '1 [', '0 {', '1 ]', '0 }', 'close 0', 'close 1']]);
  });

  it('wait until the name of a call is known', () => {
    const late = [call(0, { id: 'a' }), call(0, { function: { arguments: '{' } })];
    expect(told(...late, call(0, { function: { name: 'f', arguments: '}' } }))).to.deep.equal([
      ...['open 0 a f', '0 {}', 'close 0'],
    ]);
    expect(told(...late)).to.deep.equal(['open 0 a ', '0 {', 'close 0']);
  });

  it('wait until the id of a call is known, or its input shows that there is none', () => {
    const named = call(0, { function: { name: 'f', arguments: '' } });
    expect(told(named, call(0, { id: 'a' }))).to.deep.equal(['open 0 a f', 'close 0']);
    // Then it gets one here.
    const made = 'open 0 call_57b8416674564e0f19d675eb f';
    expect(told(named, call(0, { function: { arguments: '{}' } }))).to.deep.equal([made, '0 {}', 'close 0']);
    expect(told(named)).to.deep.equal([made, 'close 0']);
  });

  it('have ids that tell their calls apart, where all have the same', () => {
    const one = call(0, { id: 'a', function: { name: 'f', arguments: '{}' } });
    const other = call(1, { id: 'a', function: { name: 'f', arguments: '[]' } });
    expect(told(one, other)).to.deep.equal([
      ...['open 0 a f', '0 {}', 'open 1 call_f10c007cc02e9ba20b770c38 f', '1 []', 'close 0', 'close 1'],
    ]);
  });

  it('keep what a call is attached to, however early it comes', () => {
    const proof = call(0, { extra_content: { google: {} } });
    expect(told(proof, call(0, { id: 'a', function: { name: 'f', arguments: '{}' } }))).to.deep.equal([
      ...['open 0 a f', '0 {}', '0 signature', 'close 0'],
    ]);
  });

  it('take a citation only while their text is open', () => {
    const annotations = [{ type: 'url_citation' }];
    expect(told({ content: 'a' }, { annotations })).to.deep.equal(['open 0 text', '0 a', '0 citation', 'close 0']);
    expect(told({ annotations })).to.deep.equal([]);
  });

  it('are none for empty texts', () => {
    expect(told({ content: '', reasoning_content: '', refusal: null }, { content: null })).to.deep.equal([]);
  });
});
