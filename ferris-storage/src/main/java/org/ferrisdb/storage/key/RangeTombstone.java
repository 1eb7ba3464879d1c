package org.ferrisdb.storage.key;

/**
 * Says that the keys of [from, to) have no value from the timestamp on, until they are written
 * again: it hides every version below its timestamp. A version at the very timestamp is not hidden,
 * so that one batch can clear a range and write into it.
 *
 * @param from first key, at least one byte
 * @param to the first key after it, above {@code from}
 * @param timestamp above that of every version that was written into the range before
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
public record RangeTombstone(byte[] from, byte[] to, long timestamp) {}
