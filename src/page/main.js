/**
 * The status page: what the gateway sends is drawn into the sections that stand. It shows and asks; it judges nothing.
 *
 * While a button is held down nothing moves: what was pressed must be what is released.
 */
import { byId, show } from './dom/elements.js';
import { commandsOf } from './live/commands.js';
import { connect } from './live/connection.js';
import { steadily } from './live/steady.js';
import { configSection } from './sections/config.js';
import { failuresSection } from './sections/failures.js';
import { historySection } from './sections/history.js';
import { linkState } from './sections/link-state.js';
import { modelsSection } from './sections/models.js';
import { overview } from './sections/overview.js';
import { providersSection } from './sections/providers.js';
import { trySection } from './sections/try-it.js';
import { verdictSection } from './sections/verdict.js';
import { workersSection } from './sections/workers.js';

byId('unstarted').remove();
show(byId('page'), true);
const commands = commandsOf(() => connection.refresh());
const verdict = verdictSection();
const failures = failuresSection();
const history = historySection();
const tryIt = trySection();
const config = configSection(commands, tryIt.configured);
const sections = [
  verdict.draw,
  overview(),
  modelsSection(commands),
  history.draw,
  providersSection(commands),
  config.draw,
  tryIt.draw,
  workersSection(commands),
];
const drawStatus = steadily((/** @type {any} */ status) => {
  for (const draw of sections) draw(status);
});

const connection = connect(
  (name, data) => {
    if (name === 'status') drawStatus(data);
    else if (name === 'failure') failures.add(data);
    else if (name === 'connected') {
      void failures.load();
      void history.load();
    }
  },
  linkState(() => connection.retryNow(), verdict.lose),
);
