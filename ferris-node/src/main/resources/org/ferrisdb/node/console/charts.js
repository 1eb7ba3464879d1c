// Lines over time, as SVG. A chart is drawn anew with every poll; what is pointed at is kept by the page.

import { h, round } from './format.js';

const WIDTH = 300;
const HEIGHT = 64;

/** The smallest of 1, 2, 5, 10, 20, ... that is not below. */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((m) => m * power).find((m) => m >= value * 0.999);
}

/** From 0 to a round number. */
export function linear(values) {
  const max = roundUp(Math.max(10, ...values.filter((v) => v !== null)));
  return { ticks: [max / 2, max], at: (v) => v / max };
}

/**
 * Whole decades around all values, at least two: a failover's second and a read's tenth of a
 * millisecond are both to be seen.
 */
export function logarithmic(values) {
  const known = values.filter((v) => v !== null && v > 0);
  let low = Math.floor(Math.log10(known.length ? Math.min(...known) : 100));
  let high = Math.ceil(Math.log10(known.length ? Math.max(...known) : 10_000) + 1e-9);
  low = Math.min(low, 3);
  high = Math.max(high, low + 2, 4);
  const ticks = [];
  for (let d = low + 1; d <= high; d += high - low > 3 ? 2 : 1) ticks.push(10 ** d);
  return { ticks, at: (v) => (Math.log10(Math.max(v, 10 ** low)) - low) / (high - low) };
}

function points(values, scale) {
  return values.map((v, i) =>
    v === null ? null : [(i / Math.max(1, values.length - 1)) * WIDTH, HEIGHT - scale.at(v) * (HEIGHT - 3) - 1]);
}

function path(values, scale, closed) {
  let d = '';
  let first = null;
  let last = null;
  const end = () => {
    if (closed && first) d += `L${last[0]} ${HEIGHT}L${first[0]} ${HEIGHT}Z`;
    else if (!closed && first && first === last) d += `h0.1`; // a point alone
    first = null;
  };
  for (const p of points(values, scale)) {
    if (!p) {
      end();
      continue;
    }
    const at = `${p[0].toFixed(1)} ${p[1].toFixed(1)}`;
    d += first ? `L${at}` : `M${at}`;
    first = first ?? p;
    last = p;
  }
  end();
  return d;
}

/**
 * A chart.
 *
 * @param lines [{values, name, area}], each value a number or null, all of one length
 * @param scale of linear or logarithmic
 * @param tick a value of the scale in words
 * @param pointed index that is pointed at, or null
 * @param label what a screen reader says
 */
export function chart({ lines, scale, tick, pointed, label, id }) {
  const y = (v) => HEIGHT - scale.at(v) * (HEIGHT - 3) - 1;
  const length = lines[0].values.length;
  const svg = h(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    scale.ticks.map((t) => h('line', { class: 'grid', x1: 0, x2: WIDTH, y1: y(t), y2: y(t) })),
    lines.filter((l) => l.area).map((l) => h('path', { class: `area ${l.name}`, d: path(l.values, scale, true) })),
    lines.map((l) => h('path', { class: `line ${l.name}`, d: path(l.values, scale, false) })),
    pointed === null
      ? null
      : h('line', {
          class: 'pointer',
          x1: (pointed / Math.max(1, length - 1)) * WIDTH,
          x2: (pointed / Math.max(1, length - 1)) * WIDTH,
          y1: 0,
          y2: HEIGHT,
        }));
  return h(
    'div',
    { class: 'chart', id, tabindex: 0, role: 'img', 'aria-label': label },
    svg,
    scale.ticks.map((t) =>
      h('span', { class: 'tick', 'aria-hidden': 'true', style: { top: `${(y(t) / HEIGHT) * 100}%` } }, round(tick(t)))));
}
