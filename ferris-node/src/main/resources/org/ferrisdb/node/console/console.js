// The console: asks the node for console/data, and draws each part of the page from the answer.
//
//   poll ──▶ draw(data) ──▶ health, shard map, traffic, nodes, events, storage
//
// Each part makes its elements anew, and `update` changes in the page only what differs. What the
// user chose or points at (`view`) is the only state beside the last answer.

import { age, bytes, clock, count, h, micros, plural, update } from './format.js';
import { chart, linear, logarithmic } from './charts.js';

const TIMEOUT_MILLIS = 8_000; // a node that gathers from nodes that hang needs about two seconds
const COLOURS = 8; // --node-0 to --node-7 in console.css; a ninth node begins again
const TREES = 24; // trees drawn before "show all"
const SQUARES = 33; // replicas drawn in a node's row; with more shards the count has to do

const $ = (id) => document.getElementById(id);
const view = { shard: null, hovered: null, slot: null, allTrees: false };
let data = null;
let failedSince = null;
let timer = null;

// ---- asking ----

async function poll() {
  clearTimeout(timer);
  timer = null;
  if (document.hidden) return; // nobody looks: no request
  try {
    const response = await fetch('console/data', { cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MILLIS) });
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    data = await response.json();
    failedSince = null;
    draw();
  } catch (error) {
    failedSince = failedSince ?? Date.now();
    drawLost(error);
  }
  timer = setTimeout(poll, data?.pollMillis ?? 2_000);
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden && timer === null) poll();
});

// ---- the whole ----

function draw() {
  $('main').removeAttribute('aria-busy');
  document.body.classList.remove('stale');
  $('lost').hidden = true;
  document.title = `${data.health.state} – FerrisDB`;
  update($('cluster'), data.clusterId ? `cluster ${data.clusterId.slice(0, 8)}, seen from ${data.node}` : `seen from ${data.node}`);
  $('cluster').title = data.clusterId;
  update($('live'), h('span', { class: 'dot GOOD' }), `live, ${clock(data.atMillis)}`);
  drawHealth();
  drawShards();
  drawTraffic();
  drawNodes();
  drawEvents();
  drawTrees();
}

function drawLost(error) {
  document.body.classList.add('stale');
  const others = (data?.nodes ?? []).filter((n) => n.name !== data.node && n.httpAddress);
  const why = error.name === 'TimeoutError' ? 'it does not answer' : /^it answered/.test(error.message) ? error.message : 'no connection';
  $('lost').hidden = false;
  update(
    $('lost'),
    h('strong', {}, data ? `${data.node} can not be reached` : 'This node can not be reached'),
    ` since ${clock(failedSince)} (${why}); trying again every two seconds. `,
    data ? `What is below was so at ${clock(data.atMillis)}. ` : null,
    others.length ? 'Look from another node: ' : null,
    others.map((n) => [h('a', { href: consoleOf(n) }, n.name), ' ']));
  update($('live'), h('span', { class: 'dot BAD' }), 'not connected');
  document.title = 'not reachable – FerrisDB';
}

/** Only what looks like host:port becomes a link. */
function consoleOf(node) {
  return /^[\w.\-[\]:]+:\d+$/.test(node.httpAddress) ? `http://${node.httpAddress}/` : null;
}

function drawHealth() {
  const { state, sentence, remedy } = data.health;
  $('health').className = `health ${state}`;
  update(
    $('health'),
    h('p', { class: 'sentence' }, h('strong', { class: 'state' }, state), ' ', sentence),
    remedy ? h('p', { class: 'remedy' }, h('span', { class: 'muted' }, 'Remedy '), remedy) : null);
}

// ---- nodes' colours ----

function colour(name) {
  const index = data.nodes.findIndex((n) => n.name === name);
  return index < 0 ? 'nobody' : `node-${index % COLOURS}`;
}

function swatch(name) {
  return h('span', { class: `swatch ${colour(name)}`, 'aria-hidden': 'true' });
}

function isDown(name) {
  return data.nodes.some((n) => n.name === name && !n.up);
}

// ---- shard map ----

function dataShards() {
  return data.shards.filter((s) => s.name !== 'meta');
}

function drawShards() {
  const shards = dataShards();
  if (!data.shards.some((s) => s.name === view.shard)) view.shard = shards[0]?.name ?? null;
  const total = shards.reduce((sum, s) => sum + (s.bytes ?? 0), 0);
  // An empty shard is there too; so that it can be pointed at, none is thinner than its share of a twentieth.
  const floor = total > 0 ? total / (20 * shards.length) : 1;
  $('strip').classList.toggle('dense', shards.length > 16);
  update($('strip'), data.shards.map((s) => segment(s, Math.max(s.bytes ?? 0, floor), shards)));
  update(
    $('legend'),
    data.nodes.map((n) =>
      h('li', { class: n.up ? null : 'down' }, swatch(n.name), n.name, h('span', { class: 'muted' }, n.up ? `leads ${n.leads}` : 'down'))));
  drawShard();
}

function segment(shard, weight, shards) {
  const meta = shard.name === 'meta';
  const leader = shard.leader ? `led by ${shard.leader}` : shard.quorum ? 'no leader yet' : 'no quorum';
  const keys = meta ? 'shard map and timestamps' : range(shard);
  return h(
    'div',
    { class: meta ? 'segment meta' : 'segment', style: meta ? {} : { flexGrow: String(weight / 1000) } },
    h(
      'button',
      {
        type: 'button',
        class: shard.leader ? colour(shard.leader) : 'nobody',
        'data-shard': shard.name,
        'aria-pressed': String(shard.name === view.shard),
        'aria-label': `${meta ? 'meta group' : `shard ${shard.name}`}, ${keys}, ${meta ? '' : `${bytes(shard.bytes)}, `}${leader}`,
        tabindex: shard.name === view.shard ? 0 : -1,
        title: `${shard.name}: ${keys}${meta ? '' : `, ${bytes(shard.bytes)}`}, ${leader}`,
      },
      h('span', { class: 'name' }, shard.name),
      h('span', { class: 'size' }, shard.leader || (meta ? 'none' : leader)),
      h('span', { class: 'replicas', 'aria-hidden': 'true' }, shard.replicas.map((r) => h('i', { class: r.problem ? 'missing' : r.node === shard.leader ? 'leads' : null })))),
    meta
      ? h('span', { class: 'key muted' }, '')
      : h('span', { class: 'key muted' }, shard.start || (shards[0] === shard ? '⊢ first' : '')));
}

function range(shard) {
  return `keys from ${shard.start || 'the first'} to ${shard.end || 'the last'}`;
}

function drawShard() {
  const shard = data.shards.find((s) => s.name === (view.hovered ?? view.shard));
  if (!shard) {
    update($('shard'), h('p', { class: 'muted' }, 'There are no shards yet: the cluster is being formed.'));
    return;
  }
  const meta = shard.name === 'meta';
  const facts = [
    ['Leader', shard.leader ? [swatch(shard.leader), shard.leader] : [shard.quorum ? 'none yet' : 'no quorum']],
    ['Term', [count(shard.term)]],
    ['Epoch', [count(shard.epoch)]],
    meta ? null : ['Data', [bytes(shard.bytes)]],
  ].filter(Boolean);
  update(
    $('shard'),
    h(
      'div',
      { class: 'about' },
      h('h3', {}, meta ? 'The meta group' : `Shard ${shard.name}`),
      meta
        ? h('p', { class: 'muted' }, 'Keeps the shard map and hands out timestamps; no keys of users.')
        : h('p', { class: 'range' },
            h('span', { class: 'muted' }, 'from '), h('code', {}, shard.start || '⊢ first key'), h('span', { class: 'muted' }, ' to before '), h('code', {}, shard.end || 'the end ⊣')),
      h('dl', {}, facts.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))))),
    table(
      'replicas of the shard',
      ['Replica', 'Role', 'Lag', 'Heard', 'Raft log', 'Data'],
      shard.replicas.map((r) => ({
        class: r.problem ? 'bad' : null,
        cells: [
          [swatch(r.node), r.node],
          [r.problem || (r.node === shard.leader ? 'leader' : r.role ? r.role.toLowerCase() : 'unknown')],
          [r.node === shard.leader ? '–' : entries(r.lagEntries)],
          [r.node === shard.leader || r.silentMillis === null ? '–' : r.silentMillis < 1000 ? 'now' : `${age(r.silentMillis / 1000)} ago`],
          [bytes(r.logBytes)],
          [r.lsm ? bytes(size(r.lsm)) : '–'],
        ],
      }))));
}

function entries(lag) {
  return lag === null ? 'unknown' : lag === 0 ? 'none' : plural(lag, 'entry').replace('entrys', 'entries');
}

function size(lsm) {
  return lsm.memtableBytes + lsm.levelBytes.reduce((sum, n) => sum + n, 0);
}

function table(label, heads, rows) {
  return h(
    'table',
    { 'aria-label': label },
    h('thead', {}, h('tr', {}, heads.map((t) => h('th', { scope: 'col' }, t)))),
    h('tbody', {}, rows.map((row) =>
      h('tr', { class: row.class }, row.cells.map((cell, i) =>
        h(
          i === 0 ? 'th' : 'td',
          {
            scope: i === 0 ? 'row' : null,
            'data-head': heads[i],
            colspan: i > 0 && i === row.cells.length - 1 && i < heads.length - 1 ? heads.length - i : null,
          },
          cell))))));
}

$('strip').addEventListener('click', (event) => choose(event.target.closest('button')));
$('strip').addEventListener('pointerover', (event) => hover(event.target.closest('button')?.dataset.shard ?? null));
$('strip').addEventListener('pointerleave', () => hover(null));
$('strip').addEventListener('keydown', (event) => {
  const buttons = [...$('strip').querySelectorAll('button')];
  const at = buttons.indexOf(document.activeElement);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (at >= 0 && to !== undefined && buttons[to]) {
    event.preventDefault();
    choose(buttons[to]);
    buttons[to].focus();
  }
});

function choose(button) {
  if (!button || !data) return;
  view.shard = button.dataset.shard;
  view.hovered = null;
  drawShards();
}

function hover(name) {
  if (!data || view.hovered === name) return;
  view.hovered = name;
  drawShard();
}

// ---- traffic ----

const KINDS = { get: 'Reads', scan: 'Scans', write: 'Writes' };

function drawTraffic() {
  update($('traffic'), data.traffic.kinds.map((k) => trafficCard(k)));
}

function trafficCard(kind) {
  const length = kind.perSecond.length;
  const at = view.slot ?? length - 1;
  const rate = kind.perSecond[at];
  const failed = kind.failedPerSecond[at] ?? 0;
  const when = view.slot === null ? 'now' : `${age(((length - 1 - at) * data.traffic.slotMillis) / 1000)} ago`;
  const latencies = [...kind.p50Micros, ...kind.p99Micros];
  const name = KINDS[kind.kind] ?? kind.kind;
  return h(
    'article',
    { class: 'card', 'data-kind': kind.kind, 'aria-label': name },
    h('div', { class: 'title' }, h('h2', {}, name), h('p', { class: 'muted' }, when)),
    h(
      'div',
      { class: 'numbers' },
      h('p', {}, h('b', { class: 'rate' }, count(rate)), h('span', { class: 'muted' }, ' per second')),
      failed > 0 ? h('p', { class: 'failed' }, h('b', {}, count(failed)), ' failed') : null),
    chart({
      id: `rate-${kind.kind}`,
      lines: [
        { name: 'rate', area: true, values: kind.perSecond },
        ...(kind.failedPerSecond.some((v) => v > 0) ? [{ name: 'errors', values: kind.failedPerSecond.map((v) => v || null) }] : []),
      ],
      scale: linear(kind.perSecond),
      tick: count,
      pointed: view.slot,
      label: `${name} per second, last five minutes; ${when}: ${count(rate)}`,
    }),
    h(
      'div',
      { class: 'numbers' },
      h('p', {}, h('span', { class: 'mark p50', 'aria-hidden': 'true' }), h('span', { class: 'muted' }, 'p50 '), h('b', {}, micros(kind.p50Micros[at]))),
      h('p', {}, h('span', { class: 'mark p99', 'aria-hidden': 'true' }), h('span', { class: 'muted' }, 'p99 '), h('b', {}, micros(kind.p99Micros[at])))),
    chart({
      id: `latency-${kind.kind}`,
      lines: [
        { name: 'p99', values: kind.p99Micros },
        { name: 'p50', values: kind.p50Micros },
      ],
      scale: logarithmic(latencies),
      tick: micros,
      pointed: view.slot,
      label: `Latency of ${name.toLowerCase()} at the node, last five minutes; ${when}: half within ${micros(kind.p50Micros[at])}, 99 of 100 within ${micros(kind.p99Micros[at])}`,
    }),
    h('div', { class: 'axis muted', 'aria-hidden': 'true' }, h('span', {}, '5 min ago'), h('span', {}, 'now')));
}

function point(slot) {
  if (!data || view.slot === slot) return;
  view.slot = slot;
  drawTraffic();
}

$('traffic').addEventListener('pointermove', (event) => {
  const box = event.target.closest('.chart')?.getBoundingClientRect();
  const length = data?.traffic.kinds[0].perSecond.length ?? 1;
  point(box ? Math.min(length - 1, Math.max(0, Math.round(((event.clientX - box.left) / box.width) * (length - 1)))) : null);
});
$('traffic').addEventListener('pointerleave', () => point(null));
$('traffic').addEventListener('focusout', () => point(null));
$('traffic').addEventListener('keydown', (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!data || !step || !event.target.closest('.chart')) return;
  event.preventDefault();
  const last = data.traffic.kinds[0].perSecond.length - 1;
  const to = (view.slot ?? last) + step;
  point(to >= last ? null : Math.max(0, to));
});

// ---- nodes ----

function drawNodes() {
  update(
    $('nodes-body'),
    table(
      'nodes',
      ['Node', 'Leads', 'Lag', 'Ops/s', 'Heap', 'Disk free', 'Up for'],
      data.nodes.map((n) => ({ class: n.up ? null : 'bad', cells: nodeCells(n) }))));
}

function nodeCells(n) {
  const name = [swatch(n.name), n.name === data.node || !consoleOf(n) ? n.name : h('a', { href: consoleOf(n), title: `The console of ${n.name}` }, n.name)];
  if (!n.up) {
    return [name, [`down: ${n.problem}`]];
  }
  return [
    name,
    [`${n.leads} of ${n.replicas}`, squares(n.name)],
    [entries(n.lagEntries), n.lagShard ? h('span', { class: 'muted' }, ` ${n.lagShard}`) : null],
    [count(n.operationsPerSecond)],
    [meter(n.heapUsedBytes, n.heapMaxBytes, 'heap used')],
    [n.diskLow ? h('span', { class: 'BAD-text' }, `${bytes(n.diskFreeBytes)}, low`) : bytes(n.diskFreeBytes)],
    [age(n.uptimeSeconds)],
  ];
}

/** A node's replicas, one square each in the order of keys: full where it leads. */
function squares(name) {
  if (data.shards.length > SQUARES) return null;
  return h(
    'span',
    { class: `squares ${colour(name)}`, 'aria-hidden': 'true' },
    data.shards.map((s) => {
      const replica = s.replicas.find((r) => r.node === name);
      const state = !replica ? 'none' : replica.problem ? 'missing' : s.leader === name ? 'leads' : null;
      return h('i', { class: state, title: `${s.name}: ${{ none: 'no replica here', missing: replica?.problem, leads: 'leader' }[state] ?? 'follower'}` });
    }));
}

function meter(used, max, label) {
  if (used === null || !max) return '–';
  return h(
    'span',
    { class: 'meter', title: `${label}: ${bytes(used)} of ${bytes(max)}` },
    h('span', { class: 'bar', 'aria-hidden': 'true' }, h('i', { style: { width: `${Math.min(100, (100 * used) / max)}%` } })),
    h('span', {}, bytes(used)));
}

// ---- events ----

const MARKS = { GOOD: '✓', INFO: '·', WARN: '!', BAD: '✕' };

function drawEvents() {
  update(
    $('events-body'),
    data.events.length
      ? data.events.map((e) =>
          h(
            'li',
            { class: e.level },
            h('time', { datetime: new Date(e.atMillis).toISOString(), title: `${new Date(e.atMillis).toLocaleString()}, seen by ${e.by}` }, clock(e.atMillis)),
            h('span', { class: 'mark', 'aria-hidden': 'true' }, MARKS[e.level] ?? '·'),
            h('span', {}, h('span', { class: 'hidden' }, e.level === 'BAD' ? 'Bad: ' : e.level === 'WARN' ? 'Warning: ' : ''), e.text)))
      : h('li', { class: 'muted' }, 'Nothing happened since the nodes started.'));
}

// ---- storage ----

function drawTrees() {
  const all = dataShards()
    .map((s) => ({ shard: s, replica: s.replicas.find((r) => r.node === s.leader && r.lsm) ?? s.replicas.find((r) => r.lsm) }))
    .filter((t) => t.replica);
  const shown = view.allTrees ? all : [...all].sort((a, b) => (b.shard.bytes ?? 0) - (a.shard.bytes ?? 0)).slice(0, TREES);
  const trees = all.filter((t) => shown.includes(t));
  const widest = Math.max(1, ...trees.flatMap((t) => [t.replica.lsm.memtableBytes, ...t.replica.lsm.levelBytes]));
  $('lsm-all').hidden = all.length <= TREES;
  update($('lsm-all'), view.allTrees ? `Show the ${TREES} largest` : `Show all ${all.length}`);
  update(
    $('lsm-body'),
    trees.length ? trees.map((t) => tree(t.shard, t.replica, widest)) : h('p', { class: 'muted' }, 'No node has told of its engines yet.'));
}

$('lsm-all').addEventListener('click', () => {
  view.allTrees = !view.allTrees;
  if (data) drawTrees();
});

function tree(shard, replica, widest) {
  const { lsm } = replica;
  const deepest = Math.max(1, lsm.levelTables.findLastIndex((n) => n > 0));
  const rows = [
    { name: 'mem', tables: lsm.immutableMemtables + 1, bytes: lsm.memtableBytes, text: bytes(lsm.memtableBytes) },
    ...Array.from({ length: deepest + 1 }, (_, level) => ({
      name: `L${level}`,
      tables: lsm.levelTables[level] ?? 0,
      bytes: lsm.levelBytes[level] ?? 0,
      text: lsm.levelTables[level] ? `${plural(lsm.levelTables[level], 'table')}, ${bytes(lsm.levelBytes[level])}` : 'empty',
    })),
  ];
  return h(
    'figure',
    { class: 'tree', 'data-shard': shard.name },
    h('figcaption', {}, h('h3', {}, swatch(replica.node), shard.name), h('span', { class: 'muted' }, `on ${replica.node}, ${bytes(size(lsm))}`)),
    h(
      'ul',
      {},
      rows.map((r) =>
        h('li', {}, h('span', { class: 'level' }, r.name), level(r, widest, replica.node), h('span', { class: 'text' }, r.text)))),
    h(
      'p',
      { class: 'muted counts' },
      `${plural(lsm.flushes, 'flush').replace('flushs', 'flushes')}, ${plural(lsm.compactions, 'compaction')}`,
      lsm.stallMillis > 0 ? `, ${micros(lsm.stallMillis * 1000)} stalled` : ''),
    lsm.backgroundError ? h('p', { class: 'BAD-text' }, lsm.backgroundError) : null);
}

/** A bar of blocks, one a table; its width grows with the logarithm, since levels grow tenfold. */
function level(row, widest, node) {
  const UNIT = 64_000;
  const share = row.bytes > 0 ? Math.max(0.04, Math.log2(1 + row.bytes / UNIT) / Math.log2(1 + widest / UNIT)) : 0;
  const blocks = row.bytes > 0 ? Math.min(row.tables, 24) : 0;
  return h(
    'span',
    { class: `blocks ${row.name === 'mem' ? 'mem ' : ''}${colour(node)}`, 'aria-hidden': 'true' },
    h('span', { style: { width: `${(share * 100).toFixed(1)}%` } }, Array.from({ length: blocks }, () => h('i', {}))));
}

poll();
