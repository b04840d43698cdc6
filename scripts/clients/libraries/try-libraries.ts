/** Every library with every face × every target × every feature. */
import { join } from 'node:path';
import type { JsonRecord } from '../../../src/shared/json.ts';
import type { Cell } from '../cell.ts';
import { modelAt, targets } from '../gateway-config.ts';
import type { Installed } from '../install.ts';
import type { ScriptedProvider } from '../provider/server.ts';
import { quietEnvironment } from '../quiet-environment.ts';
import { DriverProcess } from './driver-process.ts';
import { faultsOf, faultsOfRefusal, features, prompt, scriptOf, second, system } from './features.ts';
import { type Library, libraries } from './libraries.ts';

/** Tries all of it, or the libraries whose driver has `only` in its name. @param home a folder for what they write */
export async function tryLibraries(
  installed: Installed,
  gatewayUrl: string,
  provider: ScriptedProvider,
  home: string,
  only: string,
): Promise<readonly Cell[]> {
  const cells: Cell[] = [];
  for (const library of libraries.filter(({ driver }) => driver.includes(only))) {
    const { node, python, interpreter } = installed;
    const [program, folder] = library.language === 'node' ? [process.execPath, node] : ([interpreter, python] as const);
    const driver = new DriverProcess([program, join(folder, library.driver)], folder, quietEnvironment(home));
    try {
      cells.push(...(await tryLibrary(library, driver, gatewayUrl, provider)));
    } finally {
      await driver.end();
    }
  }
  return cells;
}

async function tryLibrary(
  { driver: name, faces, alwaysStreams, sendsIds }: Library,
  driver: DriverProcess,
  baseUrl: string,
  provider: ScriptedProvider,
): Promise<readonly Cell[]> {
  const cells: Cell[] = [];
  for (const [face, dialect] of Object.entries(faces)) {
    for (const target of targets) {
      for (const feature of features) {
        provider.follow(scriptOf(feature));
        const model = modelAt(dialect, target);
        const outcome = await outcomeOf(driver, { face, feature, baseUrl, model, system, prompt, second });
        // At other targets, what was thought is left out, and what was said is refused.
        const isRefused = face === sendsIds && target === 'messages' && feature === 'dialogue';
        const streams = face === alwaysStreams || feature.startsWith('stream');
        const faults = isRefused
          ? faultsOfRefusal('`store: false`', outcome)
          : faultsOf({ feature, face: dialect, target, streams, sendsIds: face === sendsIds }, outcome, provider.asked);
        cells.push({ client: `${name} ${face}`, target, feature, faults, isRefused });
      }
    }
  }
  return cells;
}

/** A driver that has died has no outcome for this case, nor for those after it. */
async function outcomeOf(driver: DriverProcess, given: JsonRecord): Promise<JsonRecord> {
  try {
    return await driver.outcome(given);
  } catch (error) {
    return { error: { name: 'driver', message: error instanceof Error ? error.message : String(error) } };
  }
}
