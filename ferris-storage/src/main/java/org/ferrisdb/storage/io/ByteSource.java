package org.ferrisdb.storage.io;

import java.util.Arrays;
import org.ferrisdb.storage.StorageException;

/**
 * Reads what {@link ByteSink} wrote. Every read checks its bounds: a length that points outside is
 * a {@link StorageException.Corruption} that names the source, never an index error.
 *
 * <p>Decoders name what they read. With a {@link Listener} that is how {@code ./ferris inspect
 * --hex} shows each byte beside its meaning: by the decoder that the engine itself uses.
 */
public final class ByteSource {
  private static final Listener NOBODY =
      new Listener() {
        @Override
        public void number(String field, int from, int to, long value) {}

        @Override
        public void bytes(String field, int from, int to) {}
      };

  private final byte[] array;
  private final int limit;
  private final String name;
  private Listener listener = NOBODY;
  private int position;

  /** Hears as what each stretch [from, to) of the array was read. */
  public interface Listener {
    /** A number. */
    void number(String field, int from, int to, long value);

    /** Bytes as they are. */
    void bytes(String field, int from, int to);
  }

  /** Reads the slice [from, limit); the name goes into error messages. */
  public ByteSource(byte[] array, int from, int limit, String name) {
    this.array = array;
    this.position = from;
    this.limit = limit;
    this.name = name;
  }

  /** Tells the listener of all named reads from now on. */
  public ByteSource tell(Listener newListener) {
    listener = newListener;
    return this;
  }

  /** The next bytes as a source of their own with the same listener; they count as read here. */
  public ByteSource slice(int length) {
    need(length);
    position += length;
    return new ByteSource(array, position - length, position, name).tell(listener);
  }

  /** Bytes not yet read. */
  public int remaining() {
    return limit - position;
  }

  /** Where the next byte is read. */
  public int position() {
    return position;
  }

  /** One byte, 0 to 255. */
  public int getByte() {
    need(1);
    return array[position++] & 0xFF;
  }

  /** One byte, 0 to 255. */
  public int getByte(String field) {
    int value = getByte();
    listener.number(field, position - 1, position, value);
    return value;
  }

  /** A 32-bit integer. */
  public int getInt() {
    need(4);
    position += 4;
    return Bytes.getInt(array, position - 4);
  }

  /** A 32-bit integer. */
  public int getInt(String field) {
    int value = getInt();
    listener.number(field, position - 4, position, value);
    return value;
  }

  /** A 64-bit integer. */
  public long getLong() {
    need(8);
    position += 8;
    return Bytes.getLong(array, position - 8);
  }

  /** A 64-bit integer. */
  public long getLong(String field) {
    long value = getLong();
    listener.number(field, position - 8, position, value);
    return value;
  }

  /** An unsigned varint. */
  public long getVarint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int next = getByte();
      value |= (long) (next & 0x7F) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw corrupt("a varint of more than ten bytes");
  }

  /** A varint that was written from a number that is never negative. */
  public long getNumber() {
    long value = getVarint();
    if (value < 0) {
      throw corrupt("number " + value);
    }
    return value;
  }

  /** A varint that was written from a number that is never negative. */
  public long getNumber(String field) {
    int from = position;
    long value = getNumber();
    listener.number(field, from, position, value);
    return value;
  }

  /** An unsigned varint. */
  public long getVarint(String field) {
    int from = position;
    long value = getVarint();
    listener.number(field, from, position, value);
    return value;
  }

  /** A varint that counts something in this source or in memory: 0 to 2^31 - 1. */
  public int getCount() {
    long value = getVarint();
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw corrupt("count " + value);
    }
    return (int) value;
  }

  /** The array that is read; positions are places in it. */
  public byte[] array() {
    return array;
  }

  /** Goes past that many bytes; returns the position of the first of them. */
  public int skip(int length) {
    need(length);
    position += length;
    return position - length;
  }

  /** Goes past that many bytes; returns the position of the first of them. */
  public int skip(String field, int length) {
    int from = skip(length);
    listener.bytes(field, from, position);
    return from;
  }

  /** A varint that counts something in this source or in memory: 0 to 2^31 - 1. */
  public int getCount(String field) {
    int from = position;
    int count = getCount();
    listener.number(field, from, position, count);
    return count;
  }

  /** A copy of that many bytes. */
  public byte[] getBytes(int length) {
    need(length);
    position += length;
    return Arrays.copyOfRange(array, position - length, position);
  }

  /** A copy of that many bytes. */
  public byte[] getBytes(String field, int length) {
    byte[] bytes = getBytes(length);
    listener.bytes(field, position - length, position);
    return bytes;
  }

  /** Bytes preceded by their length. */
  public byte[] getBlob() {
    return getBytes(getCount());
  }

  /** Bytes preceded by their length. */
  public byte[] getBlob(String field) {
    return getBytes(field, getCount(field + " length"));
  }

  /** The exception to throw when what was read makes no sense. */
  public StorageException.Corruption corrupt(String what) {
    return new StorageException.Corruption(name + ": " + what + " at offset " + position);
  }

  private void need(int length) {
    if (length < 0 || limit - position < length) {
      throw corrupt("needs " + length + " bytes, has " + (limit - position));
    }
  }
}
