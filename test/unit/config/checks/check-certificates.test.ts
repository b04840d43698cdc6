import { expect } from 'chai';
import { describe, it } from 'mocha';
import { loadWithSource } from '../../../../src/config/load.ts';
import { warningsOf } from '../../../../src/config/warnings/warnings.ts';
import { certificates } from '../../../helpers/certificates.ts';
import { faultsOf, inFolder, load, smallest } from '../../../helpers/config-text.ts';

const { local, other, expired } = certificates();
const files = { 'tls.crt': local.cert, 'tls.key': local.key };
const withTls = (tls: string) => `server: { tls: { ${tls} } }\n${smallest}`;
const faults = (text: string, more: Readonly<Record<string, string>> = {}) =>
  faultsOf(text, { files: { ...files, ...more } }).map(({ path, message }) => `${path}: ${message}`);

describe('TLS in a configuration', () => {
  it('names files, whose relative paths start from the folder of the file', () => {
    const { server, admin } = load(`admin: { tls: { cert: tls.crt, key: tls.key } }\n${smallest}`, { files });
    expect(admin.tls?.cert).to.match(/^\/.*\/tls\.crt$/);
    expect(admin.tls?.clientCa).to.equal(null);
    expect(server).not.to.have.property('tls');
  });

  it('is wrong without a key, with a file that is not there, and with the key of another certificate', () => {
    expect(faults(withTls('cert: tls.crt'))).to.deep.equal([
      'server.tls.key: should be the path of a file, which is read again when it changes, got nothing',
    ]);
    expect(faults(withTls('cert: nowhere.crt, key: tls.key'))[0]).to.match(
      /^server\.tls\.cert: should be a file that can be read, got none: there is no such file/,
    );
    const [fault = ''] = faults(withTls('cert: tls.crt, key: other.key'), { 'other.key': other.key });
    expect(fault).to.match(/^server\.tls\.key: should be the key of the first certificate of cert, got /);
  });

  it('is wrong with the content in the place of the path, which is not shown', () => {
    const content = (file: string) => `"\${file:${file}}"`;
    const given = faults(withTls(`cert: ${content('tls.crt')}, key: ${content('tls.key')}`));
    expect(given).to.have.length(2);
    expect(given.join()).to.include('should be the path of a file').and.not.include('PRIVATE');
  });

  it('is warned of where the certificate has expired, or where others can read the key', () => {
    const text = withTls('cert: tls.crt, key: tls.key');
    const old = { 'tls.crt': expired.cert, 'tls.key': expired.key, 'headgate.yaml': text };
    const messages = inFolder(old, (folder) => {
      const source = { kind: 'file', path: 'headgate.yaml' } as const;
      return warningsOf(loadWithSource({ source, folder, environment: {} }), Date.now()).map(({ message }) => message);
    });
    expect(messages[0]).to.match(/^server\.tls\.cert has expired at .*: replace it$/);
    expect(messages[1]).to.match(/^server\.tls\.key is readable by every user of this host/);
  });
});
