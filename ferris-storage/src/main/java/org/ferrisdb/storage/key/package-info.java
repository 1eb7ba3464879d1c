/**
 * Keys with many versions: what an entry is, and in which order entries stand.
 *
 * <p>An entry says "from this timestamp on, this key has this value" (or none). Memtables, blocks,
 * tables and merged views all hold entries in the one order of {@link
 * org.ferrisdb.storage.key.EntryOrder} and walk them through the one interface {@link
 * org.ferrisdb.storage.key.EntryIterator}.
 *
 * <p>A {@link org.ferrisdb.storage.key.RangeTombstone} says of all keys of a range that nothing
 * below its timestamp is there any more. {@link org.ferrisdb.storage.key.RangeTombstones} holds
 * many of them, cut at each other's ends into fragments, so that one binary search finds all that
 * cover a key. They stand beside the entries everywhere, never among them.
 */
@NullMarked
package org.ferrisdb.storage.key;

import org.jspecify.annotations.NullMarked;
