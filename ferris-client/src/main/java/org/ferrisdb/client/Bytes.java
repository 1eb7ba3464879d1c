package org.ferrisdb.client;

import com.google.errorprone.annotations.Immutable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * An immutable string of bytes: every key and every value.
 *
 * <p>The order is that of the database: byte by byte, each byte unsigned, a prefix before what it
 * is a prefix of. {@code equals}, {@code hashCode} and {@code compareTo} agree, so {@code Bytes}
 * work as keys of hash maps and tree maps.
 *
 * <pre>{@code
 * Bytes key = Bytes.utf8("city/paris");
 * Bytes value = Bytes.ofBytes(new byte[] {1, 2, 3});
 * Bytes same = Bytes.hex("010203");
 * }</pre>
 */
@Immutable
public final class Bytes implements Comparable<Bytes> {
  private static final HexFormat HEX = HexFormat.of();
  private static final Bytes EMPTY = new Bytes(new byte[0]);

  @SuppressWarnings("Immutable") // never changed, never handed out
  private final byte[] data;

  private Bytes(byte[] data) {
    this.data = data;
  }

  /** No bytes at all. */
  public static Bytes empty() {
    return EMPTY;
  }

  /** The UTF-8 form of a text. */
  public static Bytes utf8(String text) {
    return wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The bytes written in hexadecimal, two digits each, either case, no separators.
   *
   * @throws IllegalArgumentException if {@code digits} is something else
   */
  public static Bytes hex(String digits) {
    return wrap(HEX.parseHex(digits));
  }

  /** A copy of an array. */
  public static Bytes ofBytes(byte... bytes) {
    return wrap(bytes.clone());
  }

  /** A copy of what remains in a buffer, whose position does not move. */
  public static Bytes copyOf(ByteBuffer buffer) {
    byte[] copy = new byte[buffer.remaining()];
    buffer.duplicate().get(copy);
    return wrap(copy);
  }

  /** Takes the array over: nobody may change it any more. */
  static Bytes wrap(byte[] bytes) {
    return bytes.length == 0 && EMPTY != null ? EMPTY : new Bytes(bytes);
  }

  /** The array itself, for reading only. */
  byte[] array() {
    return data;
  }

  /** How many bytes. */
  public int length() {
    return data.length;
  }

  /** Whether there are none. */
  public boolean isEmpty() {
    return data.length == 0;
  }

  /**
   * One byte.
   *
   * @throws IndexOutOfBoundsException if {@code index} is not below {@link #length()}
   */
  public byte byteAt(int index) {
    return data[index];
  }

  /** A new array with these bytes. */
  public byte[] toByteArray() {
    return data.clone();
  }

  /** These bytes as a buffer that can only be read; nothing is copied. */
  public ByteBuffer asByteBuffer() {
    return ByteBuffer.wrap(data).asReadOnlyBuffer();
  }

  /** These bytes read as UTF-8; what is not UTF-8 becomes the replacement character. */
  public String toUtf8() {
    return new String(data, StandardCharsets.UTF_8);
  }

  /** These bytes in lower-case hexadecimal; {@link #hex} reads it back. */
  public String toHex() {
    return HEX.formatHex(data);
  }

  /** Whether these bytes begin with those of {@code prefix}. */
  public boolean startsWith(Bytes prefix) {
    return data.length >= prefix.data.length
        && Arrays.equals(data, 0, prefix.data.length, prefix.data, 0, prefix.data.length);
  }

  /** These bytes followed by those of {@code other}. */
  public Bytes concat(Bytes other) {
    byte[] joined = Arrays.copyOf(data, data.length + other.data.length);
    System.arraycopy(other.data, 0, joined, data.length, other.data.length);
    return wrap(joined);
  }

  /** The smallest byte string above this one: this one with a zero byte behind it. */
  public Bytes successor() {
    return wrap(Arrays.copyOf(data, data.length + 1));
  }

  /**
   * The smallest byte string above everything that begins with this one; nothing, if there is none
   * (no bytes, or only {@code ff}). The keys with this prefix are those from this (inclusive) to
   * its prefix end (exclusive).
   */
  public Optional<Bytes> prefixEnd() {
    int last = data.length - 1;
    while (last >= 0 && data[last] == (byte) 0xff) {
      last--;
    }
    if (last < 0) {
      return Optional.empty();
    }
    byte[] end = Arrays.copyOf(data, last + 1);
    end[last]++;
    return Optional.of(wrap(end));
  }

  @Override
  public int compareTo(Bytes other) {
    return Arrays.compareUnsigned(data, other.data);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes bytes && Arrays.equals(data, bytes.data);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(data);
  }

  /**
   * For people: printable ASCII in quotes, anything else in hexadecimal after {@code 0x}; cut after
   * 64 bytes.
   */
  @Override
  public String toString() {
    int shown = Math.min(data.length, 64);
    boolean printable = true;
    for (int i = 0; i < shown; i++) {
      printable &= data[i] >= 0x20 && data[i] < 0x7f && data[i] != '"' && data[i] != '\\';
    }
    String cut = shown < data.length ? "... (" + data.length + " bytes)" : "";
    return printable
        ? '"' + new String(data, 0, shown, StandardCharsets.US_ASCII) + '"' + cut
        : "0x" + HEX.formatHex(data, 0, shown) + cut;
  }
}
