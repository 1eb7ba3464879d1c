/**
 * Keys with many versions: what an entry is, and in which order entries stand.
 *
 * <p>An entry says "from this timestamp on, this key has this value" (or none). Memtables, blocks,
 * tables and merged views all hold entries in the one order of {@link
 * org.ferrisdb.storage.key.EntryOrder} and walk them through the one interface {@link
 * org.ferrisdb.storage.key.EntryIterator}.
 */
@NullMarked
package org.ferrisdb.storage.key;

import org.jspecify.annotations.NullMarked;
