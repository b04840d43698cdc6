/** Fields that only a configuration names, found in the bytes of an object. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { MOST_OF_A_NAME, RepeatedNameError, TopFields } from '../../../src/wire/top-fields.ts';

function found(names: readonly string[], json: string) {
  const fields = new TopFields(names);
  fields.push(Buffer.from(json));
  fields.end();
  return fields.all.map(({ name, value }) => `${name}=${json.slice(value.start, value.end)}`);
}

describe('the fields of an object', () => {
  it('are found by their names, however these are escaped, and in their order', () => {
    expect(found(['b', 'a'], '{"a":1,"x":{"a":2},"\\u0062":[3],"a":"4"}')).to.deep.equal(['a=1', 'b=[3]', 'a="4"']);
  });

  it('may each stand so often, and no oftener', () => {
    const repeated = (name: string, times: number) => `"${name}":1,`.repeat(times);
    const most = `{${repeated('a', MOST_OF_A_NAME)}${repeated('b', MOST_OF_A_NAME)}${repeated('x', 99)}"y":1}`;
    expect(found(['a', 'b'], most).length).to.equal(2 * MOST_OF_A_NAME);
    expect(() => found(['b'], `{${repeated('b', MOST_OF_A_NAME)}"b":1}`)).to.throw(RepeatedNameError, /^b occurs more/);
  });
});
