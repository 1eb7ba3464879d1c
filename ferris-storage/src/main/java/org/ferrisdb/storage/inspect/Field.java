package org.ferrisdb.storage.inspect;

/**
 * Bytes and what they mean.
 *
 * @param offset of the first one: in the file, or in the decompressed block if the part says so
 * @param bytes the bytes, at most {@link #SHOWN_BYTES} of them
 * @param length how many there are
 * @param name what they are called where their encoding is drawn
 * @param meaning what they say
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
public record Field(long offset, byte[] bytes, int length, String name, String meaning) {
  /** Of a long field only the beginning is kept. */
  public static final int SHOWN_BYTES = 32;
}
