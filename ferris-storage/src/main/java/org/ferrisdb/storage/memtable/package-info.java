/**
 * The memtable: where writes live until they are flushed to a table.
 *
 * <p>It is sorted, because a flush writes it out in order and a scan merges it with the tables. It
 * is read without locks while one writer adds to it. And it hides a batch until the whole batch is
 * in: {@link org.ferrisdb.storage.memtable.Memtable} says how.
 */
@NullMarked
package org.ferrisdb.storage.memtable;

import org.jspecify.annotations.NullMarked;
