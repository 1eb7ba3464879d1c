/**
 * What is kept in memory of the tables, and for how long: blocks within a budget of bytes, open
 * tables within a budget of files, both shared by all engines of a process.
 *
 * <p>Reading needs three nested holds. A {@link org.ferrisdb.storage.cache.TableView} keeps the
 * <em>files</em> of one version from being deleted; a {@code TableHandle} acquired through it keeps
 * one table <em>open</em>; and a block, once in hand, is an immutable array that the garbage
 * collector looks after.
 *
 * <p>A block sits in a slot of its open table and is found by its ordinal, without a hash or a
 * lock; {@link org.ferrisdb.storage.cache.ClockBlockCache} only decides when it leaves. Of a file
 * that another engine shares, the handle shows the range tombstones of its own part alone.
 */
@NullMarked
package org.ferrisdb.storage.cache;

import org.jspecify.annotations.NullMarked;
