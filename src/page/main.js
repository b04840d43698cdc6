/**
 * The status page: what the gateway sends is drawn into the sections that stand. It shows and asks; it judges nothing.
 *
 * While a button is held down nothing moves: what was pressed must be what is released.
 */
import { byId, show } from './dom/elements.js';
import { commandsOf } from './live/commands.js';
import { Connection } from './live/connection.js';
import { steadily } from './live/steady.js';
import { configSection } from './sections/config.js';
import { failuresSection } from './sections/failures.js';
import { historySection } from './sections/history.js';
import { linkSection } from './sections/link.js';
import { modelsSection } from './sections/models.js';
import { overviewSection } from './sections/overview.js';
import { providersSection } from './sections/providers.js';
import { trySection } from './sections/try-it.js';
import { verdictSection } from './sections/verdict.js';
import { workersSection } from './sections/workers.js';
import { useZone } from './words/times.js';

/** @import { Status } from '../primary/admin/status.ts' */
/** @import { LinkState } from './live/connection.js' */

/**
 * A part of the page, by what it is told.
 *
 * @typedef {object} Section
 * @property {(status: Status) => void} [draw]
 * @property {(link: LinkState) => void} [drawLink]
 * @property {() => Promise<void>} [load] asks at each connection for what no status holds
 */

byId('unstarted').remove();
show(byId('page'), true);
const commands = commandsOf(() => connection.refresh());
const failures = failuresSection();
const tryIt = trySection();
/** @type {readonly Section[]} */
const sections = [
  linkSection(() => connection.retryNow()),
  verdictSection(),
  overviewSection(),
  modelsSection(commands),
  historySection(),
  failures,
  providersSection(commands),
  configSection(commands, tryIt.configured),
  tryIt,
  workersSection(commands),
];

let firstVersion = '';

/** @param {Status} status */
function draw(status) {
  firstVersion ||= status.version;
  const isOther = status.version !== firstVersion;
  show(byId('other-version'), isOther);
  for (const section of sections) {
    try {
      section.draw?.(status);
    } catch (error) {
      // Its status may have another form: then the page says that it must be loaded again.
      if (!isOther) throw error;
    }
  }
}

const drawSteadily = steadily(draw);

/** Whether what no status holds must be asked for: at a new connection, once its first status has said which zone times are of. */
let isNew = false;

const connection = new Connection({
  connected: () => {
    isNew = true;
  },
  status: (status) => {
    useZone(status.timeZone);
    drawSteadily(status);
    if (!isNew) return;
    isNew = false;
    for (const { load } of sections) void load?.();
  },
  failure: failures.add,
  link: (link) => {
    for (const { drawLink } of sections) drawLink?.(link);
  },
});
connection.open();
