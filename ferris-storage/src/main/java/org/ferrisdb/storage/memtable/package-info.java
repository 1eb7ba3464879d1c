/**
 * The memtable: where writes live until they are flushed to a table.
 *
 * <p>It is sorted, because a flush writes it out in order and a scan merges it with the tables. It
 * is read without locks while one writer adds to it. And it hides a batch until the whole batch is
 * in: {@link org.ferrisdb.storage.memtable.Memtable} says how.
 *
 * <p>There are two for writes. {@link org.ferrisdb.storage.memtable.SkipListMemtable} is the one
 * that every course teaches: begin with it. {@link org.ferrisdb.storage.memtable.TrieMemtable} is
 * the one that is used: a skip list of a hundred thousand entries compares a key some twenty times,
 * and each time with bytes that are somewhere else in memory; a trie looks at one word for each
 * place where keys differ, and compares once, at the end.
 *
 * <p>A third, {@link org.ferrisdb.storage.memtable.ReplayMemtable}, is for recovery only: nobody
 * reads before it is flushed, so it only notes where in the log's bytes each entry lies, and sorts
 * the notes once, when all is in.
 *
 * <p>Range tombstones are kept beside the entries ({@code RangeBuffer}), in an immutable list that
 * every further one makes anew. They are few; a memtable that has too many of them counts as full.
 */
@NullMarked
package org.ferrisdb.storage.memtable;

import org.jspecify.annotations.NullMarked;
