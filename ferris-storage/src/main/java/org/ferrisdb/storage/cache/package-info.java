/**
 * What is kept in memory of the tables, and for how long: blocks within a budget of bytes, open
 * tables within a budget of files, both shared by all engines of a process.
 *
 * <p>Reading needs three nested holds. A {@link org.ferrisdb.storage.cache.TableView} keeps the
 * *files* of one version from being deleted; a {@code TableHandle} acquired through it keeps one
 * table *open*; and a block, once in hand, is an immutable array that the garbage collector looks
 * after.
 */
@NullMarked
package org.ferrisdb.storage.cache;

import org.jspecify.annotations.NullMarked;
