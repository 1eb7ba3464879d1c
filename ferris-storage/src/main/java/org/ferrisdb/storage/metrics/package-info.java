/**
 * What an engine counts of itself. Counting must not be felt: on the way of a read it costs a plain
 * addition in a cache line that no other thread uses ({@link
 * org.ferrisdb.storage.metrics.StripedCounters}), everywhere else an addition a batch, a flush or a
 * compaction. Whoever wants figures reads them all at once, as {@code EngineStats} and {@code
 * ResourceStats}; the engine knows of no metrics library.
 */
@NullMarked
package org.ferrisdb.storage.metrics;

import org.jspecify.annotations.NullMarked;
