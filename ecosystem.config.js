/**
 * For pm2: `pm2 start ecosystem.config.js`, from any folder and under whatever Node pm2 itself runs on.
 *
 * It serves $HEADGATE_CONFIG, else the headgate.yaml of the folder that pm2 was called in, else the one beside this
 * file; without any, the API keys in the environment decide, and without those the demo runs.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
const shippedNode = join(here, 'node_modules', '.bin', 'node');

const isConfiguredByCaller = Boolean(process.env.HEADGATE_CONFIG) || existsSync('headgate.yaml');
const isConfiguredHere = existsSync(join(here, 'headgate.yaml'));

export const apps = [
  {
    name: 'headgate',
    // It forks its own workers; in pm2's cluster mode it would be a worker itself and refuses to start.
    exec_mode: 'fork',
    instances: 1,
    interpreter: existsSync(shippedNode) ? shippedNode : process.execPath,
    script: join(here, 'dist', 'cli', 'main.js'),
    args: 'serve',
    cwd: isConfiguredByCaller || !isConfiguredHere ? process.cwd() : here,
    // pm2 takes the end of listen_timeout for success, so it must be longer than any start.
    wait_ready: true,
    listen_timeout: 30_000,
    // Above drain.stop, or pm2 kills requests that may still finish; raise both together.
    kill_timeout: 65_000,
    // The primary ends its workers in order. pm2 would signal all at once.
    treekill: false,
    // pm2's own instrumentation would patch what it measures.
    pmx: false,
    // A bad configuration does not get better by trying again.
    stop_exit_codes: [78],
  },
];
