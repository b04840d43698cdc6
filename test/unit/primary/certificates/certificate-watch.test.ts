import { rmSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { CertificateWatch } from '../../../../src/primary/certificates/certificate-watch.ts';
import type { ServerCertificate } from '../../../../src/shared/tls/server-certificate.ts';
import { certificates } from '../../../helpers/certificates.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { keptLog } from '../../../helpers/numbers.ts';
import { type CertificateFiles, certificateFiles } from '../../../helpers/server-certificates.ts';

const { local, other } = certificates();

describe('the watch of a certificate', () => {
  let kept: CertificateFiles;
  let clock: ManualClock;
  let renewed: ServerCertificate[];
  let lines: ReturnType<typeof keptLog>;
  let watch: CertificateWatch;

  beforeEach(() => {
    kept = certificateFiles();
    clock = new ManualClock();
    renewed = [];
    lines = keptLog();
    const told = (certificate: ServerCertificate) => void renewed.push(certificate);
    watch = new CertificateWatch({ port: 'gateway', files: kept.files, renewed: told, clock, log: lines.log });
  });
  afterEach(() => {
    watch.stop();
    kept.remove();
  });

  it('takes up a new one within 5 s, through links that lead elsewhere', () => {
    clock.advance(5_000);
    expect(renewed).to.deep.equal([]);
    kept.renew(other);
    clock.advance(5_000);
    expect(renewed.map(({ cert }) => cert)).to.deep.equal([other.cert]);
    expect(watch.current.cert).to.equal(other.cert);
    expect(lines.messages).to.deep.equal(['a new certificate is in use']);
  });

  it('keeps the last sound one while its files do not fit together, and says so once', () => {
    writeFileSync(kept.files.key, other.key);
    clock.advance(15_000);
    expect(watch.current.cert).to.equal(local.cert);
    expect(watch.report().problem).to.match(/^should be the key of the first certificate of cert/);
    expect(lines.messages).to.deep.equal([
      'the certificate of the gateway port was not renewed: the last one stays in use',
    ]);
    writeFileSync(kept.files.cert, other.cert);
    clock.advance(5_000);
    expect(watch.current.cert).to.equal(other.cert);
    expect(watch.report().problem).to.equal(null);
  });

  it('keeps it while a file is gone, and goes on when the same is back', () => {
    rmSync(kept.files.cert);
    clock.advance(5_000);
    expect(watch.report().problem).to.match(/no such file/);
    writeFileSync(kept.files.cert, local.cert);
    clock.advance(5_000);
    expect(watch.report().problem).to.equal(null);
    expect(renewed).to.deep.equal([]);
  });

  it('keeps it when the new one cannot be used', () => {
    const refusing = new CertificateWatch({
      ...{ port: 'admin', files: kept.files, clock, log: lines.log },
      renewed: () => {
        throw new Error('too weak');
      },
    });
    kept.renew(other);
    refusing.look();
    expect(refusing.current.cert).to.equal(local.cert);
    expect(refusing.report().problem).to.equal('too weak');
    refusing.stop();
  });
});
