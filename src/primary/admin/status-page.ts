/**
 * The status page: one document without outside resources, updated through `/api/events`. Style and script carry the
 * nonce of the answer's content security policy. The page shows the fields of `/api/status` and nothing else.
 */
import { statusPageScript } from './status-page-script.ts';
import { statusPageStyle } from './status-page-style.ts';

/** The HTML document; `nonce` is the nonce of its content security policy. */
export function statusPage(nonce: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Headgate</title>
<style nonce="${nonce}">${statusPageStyle}</style>
</head>
<body>
<header>
  <h1>Headgate <small id="version"></small></h1>
  <p><span id="link" class="dot" data-tone="warn"></span> <span id="summary">connecting …</span></p>
</header>
<main>
  <section class="tiles" aria-label="Traffic">
    <div class="tile wide">
      <h2>Requests per second</h2>
      <p class="figure" id="rate">–</p>
      <svg id="chart" viewBox="0 0 240 48" preserveAspectRatio="none" role="img" aria-label="The last minute">
        <polyline id="requests-line" points=""></polyline>
        <polyline id="errors-line" points=""></polyline>
      </svg>
    </div>
    <div class="tile"><h2>Errors per second</h2><p class="figure" id="errors">–</p></div>
    <div class="tile"><h2>In flight</h2><p class="figure" id="in-flight">–</p></div>
    <div class="tile"><h2>Workers ready</h2><p class="figure" id="ready">–</p></div>
  </section>
  <section>
    <h2>Circuits</h2>
    <table>
      <thead><tr><th>Provider</th><th>State</th><th>Failures</th><th>Requests/s</th><th>Probe due</th><th></th></tr></thead>
      <tbody id="circuits"></tbody>
    </table>
  </section>
  <section>
    <h2>Workers</h2>
    <table>
      <thead><tr><th>Slot</th><th>State</th><th>Process</th><th>In flight</th><th>Last counts</th></tr></thead>
      <tbody id="workers"></tbody>
    </table>
  </section>
</main>
<footer>
  <span id="config"></span>
  <button id="reload" type="button">Reload configuration</button>
  <button id="restart" type="button">Replace workers</button>
  <a href="/metrics">Metrics</a>
  <output id="notice"></output>
</footer>
<script nonce="${nonce}">${statusPageScript}</script>
</body>
</html>
`;
}
