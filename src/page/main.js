/** The script of the status page. It writes text nodes only, never markup. */
const byId = (id) => document.getElementById(id);
const tones = {
  closed: 'good',
  ready: 'good',
  'half-open': 'warn',
  starting: 'warn',
  draining: 'warn',
  orphan: 'warn',
  open: 'bad',
};
const seconds = 60;
const history = [];
let rates = { requestsPerSecond: 0, errorsPerSecond: 0, providers: {} };
let status = null;

function row(cells) {
  const line = document.createElement('tr');
  for (const content of cells) {
    const cell = document.createElement('td');
    cell.append(content);
    line.append(cell);
  }
  return line;
}
function state(name) {
  const dot = document.createElement('span');
  dot.className = 'dot';
  dot.dataset.tone = tones[name] || '';
  const both = document.createElement('span');
  both.append(dot, name);
  return both;
}
function since(total) {
  const units = [
    ['d', 86400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ];
  const first = units.findIndex(([, size]) => total >= size);
  if (first < 0) return '0 s';
  const [name, size] = units[first];
  const next = units[first + 1];
  const remainder = next ? Math.floor((total % size) / next[1]) : 0;
  return `${Math.floor(total / size)} ${name}${remainder ? ` ${remainder} ${next[0]}` : ''}`;
}
function due(circuit) {
  return circuit.openUntil ? `in ${since(Math.max(0, (Date.parse(circuit.openUntil) - Date.now()) / 1000))}` : '';
}
function resetButton(provider) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Reset';
  button.addEventListener('click', () => order(`/api/circuits/${encodeURIComponent(provider)}/reset`, 'reset'));
  return button;
}
function lastCounts(worker) {
  if (worker.snapshotAgeMs === null) return '–';
  const age = since(Math.floor(worker.snapshotAgeMs / 1000));
  if (worker.state === 'orphan') return `by file, ${age} ago`;
  if (worker.snapshotAgeMs < 5000) return 'now';
  return worker.inFlight === 0 ? `idle for ${age}` : `${age} ago`;
}
function draw() {
  if (!status) return;
  byId('version').textContent = status.version;
  byId('summary').textContent = `up ${since(status.primary.uptimeSeconds)}, process ${status.primary.pid}`;
  byId('ready').textContent = status.workers.filter((worker) => worker.state === 'ready').length;
  byId('in-flight').textContent = status.workers.reduce((sum, worker) => sum + worker.inFlight, 0);
  byId('config').textContent =
    'Configuration ' +
    status.config.version +
    ', loaded ' +
    new Date(status.config.loadedAt).toLocaleString() +
    (status.config.lastReloadSuccessful ? '' : ' (the last reload failed)');
  byId('circuits').replaceChildren(
    ...status.circuits.flatMap((circuit) => {
      const { provider } = circuit;
      const rate = rates.providers[provider];
      const targets = status.targets.filter((target) => target.provider === provider && target.state !== 'closed');
      const shown = state(circuit.state);
      if (circuit.resting) shown.append(', cooling down');
      if (status.credentials.some((each) => each.provider === provider && !each.usable))
        shown.append(', no credentials');
      const keys = status.keys.filter((key) => key.provider === provider);
      const cooling = keys.filter((key) => key.state !== 'ready').map((key) => key.name);
      if (keys.length > 1 && cooling.length > 0) shown.append(`, cooling down: ${cooling.join(', ')}`);
      const calm = circuit.state === 'closed' && !circuit.resting && cooling.length === 0 && targets.length === 0;
      return [
        row([
          provider,
          shown,
          circuit.failures,
          rate ? rate.requests : 0,
          due(circuit),
          calm ? '' : resetButton(provider),
        ]),
        ...targets.map((target) =>
          row([`· ${target.model}`, state(target.state), target.failures, '', due(target), '']),
        ),
      ];
    }),
  );
  byId('workers').replaceChildren(
    ...status.workers.map((worker) =>
      row([worker.slot, state(worker.state), worker.pid, worker.inFlight, lastCounts(worker)]),
    ),
  );
}
function drawRates() {
  byId('rate').textContent = rates.requestsPerSecond;
  byId('errors').textContent = rates.errorsPerSecond;
  const top = Math.max(1, ...history.map((entry) => entry.requestsPerSecond));
  const line = (field) =>
    history
      .map(
        (entry, index) =>
          (((seconds - history.length + index) * 240) / (seconds - 1)).toFixed(1) +
          ',' +
          (46 - (entry[field] / top) * 44).toFixed(1),
      )
      .join(' ');
  byId('requests-line').setAttribute('points', line('requestsPerSecond'));
  byId('errors-line').setAttribute('points', line('errorsPerSecond'));
}
async function refresh() {
  const answer = await fetch('/api/status');
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  status = await answer.json();
  draw();
}
const refreshQuietly = () =>
  refresh().catch(() => {
    byId('link').dataset.tone = 'bad';
  });
async function order(path, done) {
  byId('notice').textContent = '…';
  const answer = await fetch(path, { method: 'POST' });
  const body = await answer.json();
  byId('notice').textContent = answer.ok ? done : body.error.message;
  refreshQuietly();
}
byId('reload').addEventListener('click', () => order('/api/reload', 'reloaded'));
byId('restart').addEventListener('click', () => order('/api/restart', 'all workers replaced'));

const events = new EventSource('/api/events');
events.addEventListener('open', () => {
  byId('link').dataset.tone = 'good';
  refreshQuietly();
});
events.addEventListener('error', () => {
  byId('link').dataset.tone = 'bad';
  byId('summary').textContent = 'no connection';
});
events.addEventListener('rates', (event) => {
  rates = JSON.parse(event.data);
  history.push(rates);
  if (history.length > seconds) history.shift();
  drawRates();
  refreshQuietly();
});
for (const name of ['circuit', 'worker']) events.addEventListener(name, refreshQuietly);
refreshQuietly();
