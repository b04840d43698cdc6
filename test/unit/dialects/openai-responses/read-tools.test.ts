import { expect } from 'chai';
import { describe, it } from 'mocha';
import { calledName, clientTools } from '../../../../src/dialects/openai-responses/client-tools.ts';
import { Extensions } from '../../../../src/dialects/openai-responses/extensions.ts';
import { readItems } from '../../../../src/dialects/openai-responses/read-items.ts';
import { readTools } from '../../../../src/dialects/openai-responses/read-tools.ts';
import { asRecord } from '../../../../src/shared/json.ts';

const tide = { type: 'function', name: 'tide', description: 'd', parameters: { type: 'object' }, strict: true };
const patch = {
  type: 'custom',
  name: 'patch',
  format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
};
const sea = { type: 'namespace', name: 'sea', description: 'At sea', tools: [{ ...tide, name: 'wind' }, patch] };

function read(tools: unknown, choice?: unknown) {
  const extensions = new Extensions();
  const { tools: found, choice: wanted } = readTools({ tools, tool_choice: choice }, extensions);
  return { tools: found, choice: wanted, extensions: extensions.all };
}

describe('the tools of a request', () => {
  it('are functions', () => {
    const { tools, extensions } = read([tide]);
    expect(tools).to.deep.equal([
      { name: 'tide', description: 'd', schema: { type: 'object' }, isStrict: true, cache: null },
    ]);
    expect(extensions).to.deep.equal([]);
  });

  it('are functions of one text where they are custom, with the grammar in words', () => {
    const { tools, extensions } = read([patch]);
    const input = asRecord(asRecord(tools[0]?.schema?.properties)?.input);
    expect(input?.type).to.equal('string');
    expect(input?.description).to.include('(lark)').and.to.include('start: "x"');
    expect(extensions.map(({ name, refusal }) => [name, refusal])).to.deep.equal([['tools.format', null]]);
  });

  it('are called by their namespace, too, and found again by that name', () => {
    const { tools, extensions } = read([sea]);
    expect(tools.map(({ name }) => name)).to.deep.equal(['sea__wind', 'sea__patch']);
    expect(extensions.map(({ name }) => name)).to.include('tools.namespace.description');
    expect(clientTools([sea, tide]).get('sea__patch')).to.deep.equal({
      name: 'patch',
      namespace: 'sea',
      isCustom: true,
    });
    expect(clientTools([sea, tide]).get('tide')).to.deep.include({ namespace: null, isCustom: false });
  });

  it('have names that other dialects take, and each another', () => {
    const [one, two] = ['a', 'b'].map((end) => calledName('n'.repeat(40), `${'t'.repeat(40)}${end}`));
    expect(one).to.match(/^\w{64}$/);
    expect(one).to.not.equal(two);
    expect(() => read([tide, tide])).to.throw('tools[1]');
  });

  it('cannot be those that OpenAI runs or its models alone know', () => {
    for (const type of ['web_search', 'file_search', 'mcp', 'local_shell', 'apply_patch', 'tool_search']) {
      const { extensions } = read([tide, { type }]);
      expect(extensions.map(({ name, refusal }) => [name, refusal === null])).to.deep.equal([['tools[1]', false]]);
    }
  });

  it('are chosen by a word, by name, or as those that are allowed', () => {
    expect(read([tide], 'required').choice).to.deep.equal({ type: 'required' });
    expect(read([tide], { type: 'function', name: 'tide' }).choice).to.deep.equal({ type: 'tool', name: 'tide' });
    expect(read([patch], { type: 'custom', name: 'patch' }).choice).to.deep.equal({ type: 'tool', name: 'patch' });
    const allowed = { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'custom', name: 'patch' }] };
    const { tools, choice } = read([tide, patch], allowed);
    expect([tools.map(({ name }) => name), choice]).to.deep.equal([['patch'], { type: 'auto' }]);
    expect(read([tide], { type: 'mcp' }).extensions[0]?.refusal).to.be.a('string');
    expect(read([], 'auto').choice).to.equal(null);
  });

  it('are those that an agent adds in its input, too, each once', () => {
    const extensions = new Extensions();
    const input = [
      { type: 'additional_tools', role: 'developer', tools: [sea, tide, { type: 'web_search' }] },
      { role: 'user', content: 'hi' },
    ];
    const { tools } = readTools({ tools: [tide], input, tool_choice: 'required' }, extensions);
    expect(tools.map(({ name }) => name)).to.deep.equal(['tide', 'sea__wind', 'sea__patch']);
    expect(extensions.all.map(({ name }) => name)).to.include('input[0].tools[2]');
    expect(readItems(input, extensions).map(({ role }) => role)).to.deep.equal(['user']);
  });
});
