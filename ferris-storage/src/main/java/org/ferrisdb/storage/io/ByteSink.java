package org.ferrisdb.storage.io;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growing byte array with the encodings of our files: big-endian integers, LEB128 varints (seven
 * bits a byte, lowest first, the top bit says that more follow) and blobs (varint length, bytes).
 *
 * <p>Reusable through {@link #reset}; not thread-safe.
 */
public final class ByteSink {
  private byte[] array;
  private int size;

  /** Starts with room for that many bytes. */
  public ByteSink(int capacity) {
    array = new byte[Math.max(16, capacity)];
  }

  /** Forgets the content and keeps the memory. */
  public void reset() {
    size = 0;
  }

  /** Bytes written. */
  public int size() {
    return size;
  }

  /** The backing array; only the first {@link #size} bytes mean anything, until the next write. */
  public byte[] array() {
    return array;
  }

  /** Appends one byte. */
  public ByteSink putByte(int value) {
    ensure(1);
    array[size++] = (byte) value;
    return this;
  }

  /** Appends four bytes. */
  public ByteSink putInt(int value) {
    ensure(4);
    Bytes.putInt(array, size, value);
    size += 4;
    return this;
  }

  /** Appends eight bytes. */
  public ByteSink putLong(long value) {
    ensure(8);
    Bytes.putLong(array, size, value);
    size += 8;
    return this;
  }

  /** Appends an unsigned varint of one to ten bytes. */
  public ByteSink putVarint(long value) {
    ensure(10);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      array[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    array[size++] = (byte) rest;
    return this;
  }

  /** Appends the slice. */
  public ByteSink putBytes(byte[] source, int offset, int length) {
    ensure(length);
    System.arraycopy(source, offset, array, size, length);
    size += length;
    return this;
  }

  /** Appends the length as a varint, then the bytes. */
  public ByteSink putBlob(byte[] source) {
    putVarint(source.length);
    return putBytes(source, 0, source.length);
  }

  /** Appends ASCII characters without a length. */
  public ByteSink putAscii(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return putBytes(bytes, 0, bytes.length);
  }

  /** Overwrites four bytes that were written before. */
  public void setInt(int offset, int value) {
    Bytes.putInt(array, offset, value);
  }

  /** Overwrites eight bytes that were written before. */
  public void setLong(int offset, long value) {
    Bytes.putLong(array, offset, value);
  }

  /** CRC32C of the content from the offset on. */
  public int crc32c(int from) {
    return Bytes.crc32c(array, from, size - from);
  }

  /** A copy of the content. */
  public byte[] toByteArray() {
    return Arrays.copyOf(array, size);
  }

  /** The content without a copy, valid until the next write. */
  public ByteBuffer toBuffer() {
    return ByteBuffer.wrap(array, 0, size);
  }

  private void ensure(int more) {
    if (array.length - size < more) {
      array = Arrays.copyOf(array, Math.max(array.length * 2, size + more));
    }
  }
}
