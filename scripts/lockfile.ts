/**
 * Checks the lockfiles before anything but Node runs from what they install: each package comes from the registry, whole by its
 * sha512, and none may run a script at its installation but those named here. A changed line in a lockfile is easily overlooked.
 * The second one is of the clients that `npm run test:clients` tries, which are installed without any script.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { asRecord, type JsonRecord } from '../src/shared/json.ts';

/**
 * Packages that may have a script for their installation, each for a reason: `node` fetches the runtime for its platform;
 * that of `protobufjs`, which Google's SDK brings for tests, only prints a hint, and npm is told not to run it (`allowScripts`).
 */
const withScript: ReadonlySet<string> = new Set(['node_modules/node', 'node_modules/protobufjs']);

const REGISTRY = 'https://registry.npmjs.org/';
const EXACT = /^\d+\.\d+\.\d+(?:-[\w.-]+)?$/;

/**
 * What is wrong with a lockfile and the dependencies of a `package.json`, a line each.
 *
 * @param ignoresScripts whether it is always installed without running any script. Default false
 */
export function lockfileFaults(lockfile: unknown, manifest: unknown, ignoresScripts = false): string[] {
  const packages = asRecord(asRecord(lockfile)?.packages);
  if (packages === null) return ['the lockfile lists no packages'];
  const installed = Object.entries(packages).filter(([place]) => place !== '');
  return [
    ...installed.flatMap(([place, entry]) => packageFaults(place, asRecord(entry) ?? {}, ignoresScripts)),
    ...['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
      Object.entries(asRecord(asRecord(manifest)?.[kind]) ?? {})
        .filter(([, wanted]) => typeof wanted !== 'string' || !EXACT.test(wanted))
        .map(([name, wanted]) => `${name}: ${String(wanted)} is no exact version`),
    ),
  ];
}

function packageFaults(
  place: string,
  { name, version, resolved, integrity, link, hasInstallScript }: JsonRecord,
  ignoresScripts: boolean,
): string[] {
  const faults: string[] = [];
  if (typeof version !== 'string' || !EXACT.test(version))
    faults.push(`${String(version)} is no version of the registry`);
  // Without it, npm asks the configured registry.
  // An alias (`name`) may be meant; that it is, nobody would see in an address.
  const own = `${REGISTRY}${place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)}/-/`;
  if (resolved !== undefined && !String(resolved).startsWith(own)) faults.push(`comes from ${String(resolved)}`);
  // A package for one platform may be a version of the package itself: `@openai/codex-linux-x64`.
  const isOfPlatform = typeof name === 'string' && place.startsWith(`node_modules/${name}-`);
  if (name !== undefined && !isOfPlatform) faults.push(`is ${String(name)} under another name`);
  if (typeof integrity !== 'string' || !integrity.startsWith('sha512-')) faults.push('has no sha512');
  if (link === true) faults.push('is a link');
  if (hasInstallScript === true && !ignoresScripts && !withScript.has(place))
    faults.push('runs a script when it is installed');
  return faults.map((fault) => `${place}: ${fault}`);
}

/** Reads a JSON file of the checkout. */
function read(name: string): unknown {
  return JSON.parse(readFileSync(fileURLToPath(new URL(`../${name}`, import.meta.url)), 'utf8'));
}

/** The faults of this checkout. */
export function checkoutFaults(): string[] {
  const clients = 'scripts/clients/node';
  return [
    ...lockfileFaults(read('package-lock.json'), read('package.json')),
    ...lockfileFaults(read(`${clients}/package-lock.json`), read(`${clients}/package.json`), true),
  ];
}

if (import.meta.main) {
  const faults = checkoutFaults();
  for (const fault of faults) console.error(fault);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
