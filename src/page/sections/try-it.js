/** A prompt through any model: its answer as it comes, the way it took, and the same for a program to paste. */
import { copyButton } from '../dom/copy-button.js';
import { byId, element, setAttribute, setText, show } from '../dom/elements.js';
import { keyedRows } from '../dom/keyed-rows.js';
import { sendTry } from '../try/send-try.js';
import { snippets } from '../try/snippets.js';
import { milliseconds } from '../words/numbers.js';

const everyAddress = new Set(['0.0.0.0', '::']);

export function trySection() {
  const [model, api] = [byId('try-model'), byId('try-api')].map((node) => /** @type {HTMLSelectElement} */ (node));
  const prompt = /** @type {HTMLTextAreaElement} */ (byId('try-prompt'));
  const key = /** @type {HTMLInputElement} */ (byId('try-key'));
  const offer = keyedRows(
    model,
    (/** @type {string} */ name) => name,
    (name) => ({ row: element('option', { value: name }, name), update: () => {} }),
  );
  const drawSnippets = keyedRows(byId('snippets'), (/** @type {any} */ each) => each.name, snippetFigure);
  // It scrolls, so a keyboard must reach it.
  const label = 'The answer as it came';
  byId('try-raw').replaceWith(element('pre', { id: 'try-raw', tabindex: '0', role: 'region', 'aria-label': label }));
  let { origin } = location;
  let needsKey = false;
  /** @type {AbortController | null} */
  let running = null;

  const asked = () => ({ path: api.value, model: model.value, prompt: prompt.value, key: key.value });
  const draw = () => drawSnippets(snippets({ ...asked(), origin, needsKey }));
  const needKey = () => {
    needsKey = true;
    show(byId('try-key-line'), true);
    draw();
  };

  async function send() {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    show(byId('try-answer'), true);
    show(byId('try-stop'), true);
    setText(byId('try-state'), 'Waiting for the first content …');
    const answer = await sendTry(asked(), mine.signal, (sofar) => {
      if (running === mine) drawAnswer(sofar);
    });
    if (running !== mine) return;
    running = null;
    show(byId('try-stop'), false);
    if (answer.status === 401) needKey();
    drawAnswer(answer);
  }

  byId('try-form').addEventListener('submit', (event) => {
    event.preventDefault();
    void send();
  });
  byId('try-stop').addEventListener('click', () => running?.abort());
  for (const input of [model, api, prompt]) input.addEventListener('input', draw);

  return {
    /** @param {any} status */
    draw: (status) => {
      // A pattern is no name to ask for.
      offer(
        status.models
          .map((/** @type {any} */ { name }) => name)
          .filter((/** @type {string} */ name) => !name.includes('*')),
      );
      if (status.listeners !== undefined) {
        const { host, port, tls } = status.listeners.gateway;
        const reached = everyAddress.has(host) ? location.hostname : host;
        origin = `${tls ? 'https' : 'http'}://${reached.includes(':') && !reached.startsWith('[') ? `[${reached}]` : reached}:${port}`;
      }
      draw();
    },
    /** Shows the field for a key where clients need one. @param {readonly { path: string, value: string }[]} values of the configuration */
    configured: (values) => {
      if (values.some(({ path, value }) => /^(server\.)?keys\[/.test(path) && value !== '')) needKey();
    },
  };
}

/** @param {import('../try/send-try.js').TryAnswer} answer */
function drawAnswer({ text, raw, firstMs, totalMs, status, problem, headers }) {
  setText(byId('try-text'), text);
  setText(byId('try-raw'), raw);
  setAttribute(byId('try-state'), 'data-tone', problem !== '' ? 'bad' : 'none');
  if (problem !== '') setText(byId('try-state'), `It did not end well: ${problem}`);
  else setText(byId('try-state'), totalMs === null ? 'The answer is coming …' : 'The answer is complete.');
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

/** @param {any} first */
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
    update: (/** @type {any} */ next) => setText(code, next.code),
  };
}
