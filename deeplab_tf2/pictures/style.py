"""How pages look: their style sheet, for light and dark screens, wide and narrow."""

STYLE = """
:root { color-scheme: light dark; --paper: #fcfcfb; --ink: #1d2126; --dim: #5c646e; --line: #d8dce0; --tile: #f0f1f3;
  --bar: #3a6ea5; --error: #b3261e; --warning: #8a5a00; --note: #3b5f8a; --good: #1e6b3a; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171a; --ink: #e6e8ea; --dim: #a0a8b0; --line: #363c43;
  --tile: #1f2429; --bar: #7fb0e6; --error: #ff8a80; --warning: #f2c063; --note: #9cc3f0; --good: #7fd6a0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: .5rem 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p { margin: .5rem 0; max-width: 48rem; }
code { background: var(--tile); padding: .1rem .3rem; border-radius: .2rem; font-size: .9em; word-break: break-all; }
ul { list-style: none; padding: 0; margin: .5rem 0; } li { padding: .35rem 0; border-bottom: 1px solid var(--line); }
.error, .warning, .note, .good { font-weight: 600; }
.error { color: var(--error); } .warning { color: var(--warning); } .note { color: var(--note); }
.good { color: var(--good); }
.wide { overflow-x: auto; }
.tall { max-height: 40rem; overflow-y: auto; border-bottom: 1px solid var(--line); }
.tall th { position: sticky; top: 0; background: var(--paper); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem 1rem .25rem 0; text-align: right; border-bottom: 1px solid var(--line);
  vertical-align: top; white-space: nowrap; overflow-wrap: normal; }
th { color: var(--dim); font-weight: 600; vertical-align: bottom; white-space: normal; }
th.text, td.text { text-align: left; } td.text { white-space: normal; min-width: 4.5rem; }
td.text:last-child { overflow-wrap: anywhere; min-width: 14rem; }
.keep { display: inline-block; max-width: 100%; overflow-wrap: anywhere; }
td .keep { overflow-wrap: normal; min-width: 11rem; }
@media (max-width: 30rem) { td.text:last-child { min-width: 9rem; }
  td .keep { min-width: 7.5rem; overflow-wrap: anywhere; } }
summary { cursor: pointer; color: var(--dim); }
.swatch { display: inline-block; width: 1em; height: 1em; border: 1px solid var(--dim); vertical-align: -.12em;
  margin-right: .4em; }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, var(--tile-width)), 1fr)); gap: 1rem;
  --tile-width: 10rem; }
@media (min-width: 45rem) { .sheet { --tile-width: 15rem; } }
figure { margin: 0; } figure img { width: 100%; height: auto; max-height: 20rem; object-fit: contain;
  display: block; background: var(--tile); }
figcaption { font-size: .85rem; color: var(--dim); }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: 1rem;
  max-width: 66rem; }
.plots img { width: 100%; height: auto; display: block; }
.triple { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .5rem; margin: .75rem 0 1.25rem;
  max-width: 56rem; }
.bar { display: inline-block; height: .7em; border-radius: .15rem; background: var(--bar); }
.track { display: block; width: clamp(4rem, 20vw, 14rem); height: .7em; margin: .4em 0; border-radius: .15rem;
  background: var(--tile); line-height: .7em; text-align: left; }
.row { display: flex; flex-wrap: wrap; gap: 1.5rem; } svg { width: 20rem; max-width: 100%; height: auto; }
svg rect { fill: var(--bar); } svg line { stroke: var(--line); } svg text { fill: var(--dim); font-size: 11px; }
.quad { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, max(9.5rem, 22%)), 1fr)); gap: .5rem;
  margin: .25rem 0 1.25rem; }
table.heat { border-collapse: separate; border-spacing: 1px; font-size: .85rem; --most: 70%; }
.heat th { border: 0; white-space: nowrap; overflow-wrap: normal; text-align: right; }
.heat thead th { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left; padding: .3rem 0; }
.heat thead th.corner { writing-mode: horizontal-tb; transform: none; padding-right: .5rem; }
.heat tbody th { position: sticky; left: 0; background: var(--paper); padding: 0 .5rem 0 0; vertical-align: middle; }
.heat td { padding: 0 .2rem; min-width: 2.3rem; height: 1.8rem; border: 0; text-align: center; vertical-align: middle;
  background: color-mix(in srgb, var(--error) calc(var(--v, 0) * var(--most)), var(--tile)); }
.heat td.right { background: color-mix(in srgb, var(--bar) calc(var(--v, 0) * var(--most)), var(--tile)); }
@media (prefers-color-scheme: dark) { table.heat { --most: 52%; } }
"""
