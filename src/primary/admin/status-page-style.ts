/**
 * The style of the status page: light or dark as the browser prefers, readable on a phone.
 */
export const statusPageStyle = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f7f9, #0f1216); --card: light-dark(#fff, #181c22); --line: light-dark(#e3e6ea, #2a3038);
  --ink: light-dark(#16191d, #e8ebef); --soft: light-dark(#667080, #8b96a5);
  --good: light-dark(#12805c, #3ecf9a); --warn: light-dark(#a86800, #f0b849); --bad: light-dark(#c22f3d, #ff6b78);
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem 3rem; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
header { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 1rem; }
h1 { margin: 0; font-size: 1.4rem; letter-spacing: -.01em; }
h1 small, h2, th, footer, header p { color: var(--soft); font-weight: 500; }
h1 small { font-size: .9rem; }
h2 { margin: 0; font-size: .8rem; }
header p { margin: 0; }
section { margin-top: 1.25rem; }
section > h2 { margin-bottom: .4rem; }
.tiles { display: grid; grid-template-columns: 2fr 1fr 1fr 1fr; gap: .75rem; }
.tile, table { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
.tile { padding: .8rem 1rem; }
.figure { margin: .1rem 0 0; font-size: 1.7rem; font-weight: 600; letter-spacing: -.02em; }
svg { display: block; width: 100%; height: 3rem; margin-top: .3rem; }
polyline { fill: none; stroke-width: 1.5; stroke: var(--good); vector-effect: non-scaling-stroke; }
#errors-line { stroke: var(--bad); }
table { width: 100%; border-collapse: separate; border-spacing: 0; overflow: hidden; }
th, td { padding: .45rem 1rem; text-align: left; }
th { font-size: .75rem; }
td { border-top: 1px solid var(--line); }
td:last-child { text-align: right; }
.dot { display: inline-block; width: .6em; height: .6em; margin-right: .35em; border-radius: 50%; background: var(--soft); }
.dot[data-tone=good] { background: var(--good); }
.dot[data-tone=warn] { background: var(--warn); }
.dot[data-tone=bad] { background: var(--bad); }
footer { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1rem; margin-top: 1.5rem; font-size: .85rem; }
button { padding: .3rem .7rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--card);
  color: inherit; font: inherit; cursor: pointer; }
button:hover { border-color: var(--soft); }
a { color: inherit; }
@media (max-width: 40rem) { .tiles { grid-template-columns: 1fr 1fr; } .wide { grid-column: 1 / -1; }
  th, td { padding: .4rem .6rem; } }
`;
