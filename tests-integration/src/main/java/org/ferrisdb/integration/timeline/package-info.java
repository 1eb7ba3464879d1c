/// A run as one page: who asked what when, which faults there were, how long answers took, and what
/// was wrong.
///
/// [Timeline] fills a template (`timeline.html` among the resources) with the history as JSON. The
/// file needs nothing else, no network and no server, so that it can be kept beside a failure and
/// opened years later.
///
/// What the page shows, from above: faults as bands over everything; a lane for each client with
/// its operations as bars, blue, grey or orange by how they ended; the latency of each on a
/// logarithmic scale; and below, each violation in words: a click shows its operations, which are
/// red. The wheel zooms, dragging moves.
///
/// It draws on a canvas, and only what is in view, one operation for each pixel: fifty thousand
/// operations move smoothly. `Lanes` keeps the number of lanes at that of clients, though a client
/// changes its process number with each unknown outcome.
@NullMarked
package org.ferrisdb.integration.timeline;

import org.jspecify.annotations.NullMarked;
