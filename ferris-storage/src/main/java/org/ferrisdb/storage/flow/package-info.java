/**
 * Who may write how fast, and how much memory and disk background work may take.
 *
 * <p>A log-structured engine takes writes faster than it can compact them. Somebody must wait in
 * the end; the art is in waiting early and little instead of late and long:
 *
 * <ul>
 *   <li>{@link org.ferrisdb.storage.flow.MemtableBudget}: all engines' memtables within one limit,
 *       the largest flushed first.
 *   <li>{@link org.ferrisdb.storage.flow.WritePressure}: how near to its limits an engine is, and
 *       what a byte costs in time there. Pure functions.
 *   <li>{@link org.ferrisdb.storage.flow.WritePacer}: makes writers pay that, in small coins.
 *   <li>{@link org.ferrisdb.storage.flow.IoLimiter}: keeps compactions within a rate; flushes go
 *       first, and leave a quarter.
 * </ul>
 *
 * <p>All time comes through {@link org.ferrisdb.storage.flow.Ticker}.
 */
@NullMarked
package org.ferrisdb.storage.flow;

import org.jspecify.annotations.NullMarked;
