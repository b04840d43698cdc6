/** A prompt through any model: its answer as it comes, the way it took, and the same for a program to paste. */
import { optionRows } from '../dom/chooser.js';
import { copyButton } from '../dom/copy-button.js';
import { byId, element, say, setText, show } from '../dom/elements.js';
import { keyedRows } from '../dom/keyed-rows.js';
import { sendTry } from '../try/send-try.js';
import { snippets } from '../try/snippets.js';
import { addressOf } from '../words/address.js';
import { milliseconds } from '../words/numbers.js';

/** @import { Status } from '../../primary/admin/status.ts' */
/** @import { Answers } from '../live/admin-port.js' */
/** @import { TryAnswer } from '../try/send-try.js' */
/** @import { Snippet } from '../try/snippets.js' */

/** A server that listens on these is reached where this page is. */
const everyAddress = new Set(['0.0.0.0', '::']);

/** Offers the models as they are, and sends only when it is told to. */
export function trySection() {
  const [model, api] = [byId('try-model'), byId('try-api')].map((node) => /** @type {HTMLSelectElement} */ (node));
  const prompt = /** @type {HTMLTextAreaElement} */ (byId('try-prompt'));
  const key = /** @type {HTMLInputElement} */ (byId('try-key'));
  const offer = optionRows(model);
  const drawSnippets = keyedRows(byId('snippets'), ({ name }) => name, snippetFigure);
  let { origin } = location;
  let needsKey = false;

  const asked = () => ({ path: api.value, model: model.value, prompt: prompt.value, key: key.value });
  const draw = () => drawSnippets(snippets({ ...asked(), origin, needsKey }));
  const needKey = () => {
    needsKey = true;
    show(byId('try-key-line'), true);
    draw();
  };
  const send = sender(({ status }) => {
    if (status === 401) needKey();
  });
  byId('try-form').addEventListener('submit', (event) => {
    event.preventDefault();
    void send(asked());
  });
  for (const input of [model, api, prompt]) input.addEventListener('input', draw);

  return {
    /** @param {Status} status */
    draw: ({ models, listeners }) => {
      // A pattern is no name to ask for.
      offer(models.map(({ name }) => name).filter((name) => !name.includes('*')));
      origin = originOf(listeners.gateway);
      draw();
    },
    /** Shows the field for a key where clients need one. @param {Answers['/api/config']['values']} values of the configuration */
    configured: (values) => {
      if (values.some(({ path, value }) => /^(server\.)?keys\[/.test(path) && value !== '')) needKey();
    },
  };
}

/** @param {Status['listeners']['gateway']} listener */
function originOf({ host, port, tls }) {
  const reached = everyAddress.has(host) ? location.hostname : host;
  return `${tls ? 'https' : 'http'}://${addressOf({ host: reached, port })}`;
}

/** Sends one prompt at a time: the next one ends the one before. @param {(answer: TryAnswer) => void} onEnd */
function sender(onEnd) {
  /** @type {AbortController | null} */
  let running = null;
  byId('try-stop').addEventListener('click', () => running?.abort());
  /** @param {Parameters<typeof sendTry>[0]} asked */
  return async (asked) => {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    show(byId('try-answer'), true);
    show(byId('try-stop'), true);
    say('try-state', 'Waiting for the first content …', false);
    const answer = await sendTry(asked, mine.signal, (sofar) => {
      if (running === mine) drawAnswer(sofar);
    });
    if (running !== mine) return;
    running = null;
    show(byId('try-stop'), false);
    onEnd(answer);
    drawAnswer(answer);
  };
}

/** @param {TryAnswer} answer */
function drawAnswer({ text, raw, firstMs, totalMs, status, problem, headers }) {
  setText(byId('try-text'), text);
  setText(byId('try-raw'), raw);
  const state = totalMs === null ? 'The answer is coming …' : 'The answer is complete.';
  say('try-state', problem === '' ? state : `It did not end well: ${problem}`, problem !== '');
  const facts = [
    ['Trail', headers['x-headgate-attempts']],
    ['Provider', headers['x-headgate-provider']],
    ['First content', milliseconds(firstMs) ?? ''],
    ['Whole answer', milliseconds(totalMs) ?? ''],
    ['Status', status === null ? '' : String(status)],
    ['Request id', headers['x-request-id']],
    ['Worker', headers['x-headgate-worker']],
    ['Provider’s id', headers['x-headgate-upstream-request-id']],
  ];
  const shown = facts.filter(([, value]) => value !== undefined && value !== '');
  byId('try-facts').replaceChildren(
    ...shown.map(([name, value]) => element('div', {}, element('dt', {}, name ?? ''), element('dd', {}, value ?? ''))),
  );
}

/** @param {Snippet} first */
function snippetFigure(first) {
  const code = element('code');
  const pre = element('pre', {}, code);
  const caption = element(
    'figcaption',
    {},
    element('h3', {}, first.name),
    copyButton(`Copy the ${first.name} code`, () => code.textContent ?? ''),
  );
  return {
    row: element('figure', { class: 'card snippet' }, caption, pre),
    update: (/** @type {Snippet} */ next) => setText(code, next.code),
  };
}
