// Numbers as people read them, and a few lines that make and update elements. No state.

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** 1234567 is "1.2 MB"; decimal, as disks are sold. */
export function bytes(n) {
  if (n === null || n === undefined) return '–';
  let unit = 0;
  let value = n;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** 12345 is "12,345", 1234567 is "1.2 M". */
export function count(n) {
  if (n === null || n === undefined) return '–';
  if (n >= 999_950) return `${(n / 1e6).toFixed(n >= 99.5e6 ? 0 : 1)} M`;
  if (n >= 99_950) return `${(n / 1e3).toFixed(0)} k`;
  if (n > 0 && n < 9.95 && !Number.isInteger(n)) return n.toFixed(1);
  return Math.round(n).toLocaleString('en-US');
}

/** Microseconds: 420 is "0.42 ms". */
export function micros(n) {
  if (n === null || n === undefined) return '–';
  const ms = n / 1000;
  if (ms >= 995) return `${(ms / 1000).toFixed(ms >= 9950 ? 0 : 1)} s`;
  if (ms >= 9.95) return `${Math.round(ms)} ms`;
  return `${ms.toFixed(ms >= 0.995 ? 1 : 2)} ms`;
}

/** For scales: "1.0 ms" is "1 ms" there. */
export function round(words) {
  return words.replace(/\.0(?= )/, '');
}

/** Seconds: 90 is "1 min". */
export function age(seconds) {
  if (seconds === null || seconds === undefined) return '–';
  if (seconds < 60) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}

/** Wall clock, local: "14:03:22". */
export function clock(millis) {
  const d = new Date(millis);
  return [d.getHours(), d.getMinutes(), d.getSeconds()].map((n) => String(n).padStart(2, '0')).join(':');
}

/** "3 shards", "1 shard". */
export function plural(n, word) {
  return `${count(n)} ${word}${n === 1 ? '' : 's'}`;
}

const SVG = 'http://www.w3.org/2000/svg';
const SVG_TAGS = new Set(['svg', 'g', 'path', 'rect', 'line', 'circle', 'title']);

/**
 * An element. Children that are strings become text, never markup: keys and names come from
 * strangers. A `style` object is set by property, which the page's content security policy allows.
 */
export function h(tag, attributes = {}, ...children) {
  const element = SVG_TAGS.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'style') Object.assign(element.style, value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return element;
}

/**
 * Makes the children of `parent` like `fresh`, changing only what differs: focus, text selection and
 * scroll positions survive the next poll.
 */
export function update(parent, ...fresh) {
  const wanted = fresh.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false);
  wanted.forEach((node, i) => {
    const next = typeof node === 'string' ? document.createTextNode(node) : node;
    const old = parent.childNodes[i];
    if (!old) parent.append(next);
    else if (!morph(old, next)) old.replaceWith(next);
  });
  while (parent.childNodes.length > wanted.length) parent.lastChild.remove();
}

function morph(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) return false;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return true;
  }
  for (const { name } of [...old.attributes]) {
    if (name !== 'style' && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (name !== 'style' && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  if (old.style.cssText !== fresh.style.cssText) old.style.cssText = fresh.style.cssText;
  update(old, [...fresh.childNodes]);
  return true;
}
