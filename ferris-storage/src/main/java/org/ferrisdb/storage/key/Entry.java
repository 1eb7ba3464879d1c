package org.ferrisdb.storage.key;

import java.util.Arrays;
import org.ferrisdb.storage.EntryKind;

/**
 * The entry that an {@link EntryIterator} stands on: one version of one key. It belongs to the
 * iterator, which fills it anew with each move. A class of its own, and not questions to the
 * iterator, so that who reads it looks at fields: iterators are stacked, and of many classes, and a
 * scan would spend most of its time on finding out which. Not thread-safe.
 */
public final class Entry {
  private static final byte[] NOTHING = {};

  private byte[] key = NOTHING;
  private int keyLength;
  private long tag;
  private byte[] value = NOTHING;
  private int valueOffset;
  private int valueLength;
  private boolean apart;

  // ---- for readers

  /** The array in which the key begins at index 0; changes with the iterator's next move. */
  public byte[] keyBuffer() {
    return key;
  }

  /** Length of the key in bytes. */
  public int keyLength() {
    return keyLength;
  }

  /** Timestamp and kind, see {@link EntryOrder#tag}. */
  public long tag() {
    return tag;
  }

  /** Timestamp of the version. */
  public long timestamp() {
    return EntryOrder.timestamp(tag);
  }

  /** Kind of the version. */
  public EntryKind kind() {
    return EntryOrder.kind(tag);
  }

  /** The array that holds the value; what it holds never changes. */
  public byte[] valueBuffer() {
    return value;
  }

  /** Where the value begins in its buffer. */
  public int valueOffset() {
    return valueOffset;
  }

  /** Length of the value in bytes. */
  public int valueLength() {
    return valueLength;
  }

  /** Whether the value lies apart: what is here is a reference to it. Only in a table's entry. */
  public boolean isApart() {
    return apart;
  }

  /** A copy of the key. */
  public byte[] keyCopy() {
    return Arrays.copyOf(key, keyLength);
  }

  /** A copy of the value. */
  public byte[] valueCopy() {
    return Arrays.copyOfRange(value, valueOffset, valueOffset + valueLength);
  }

  /** Whether it has this key. */
  public boolean hasKey(byte[] other, int otherLength) {
    return keyLength == otherLength && Arrays.equals(key, 0, keyLength, other, 0, otherLength);
  }

  /** Compares with another in {@link EntryOrder}. */
  public int compareWith(Entry other) {
    return EntryOrder.compare(
        key, keyLength, timestamp(), other.key, other.keyLength, other.timestamp());
  }

  // ---- for the iterator

  /**
   * The key's array, for the iterator to put a key of that length into.
   *
   * @param kept so many bytes of the key before stay where they are
   */
  public byte[] newKey(int length, int kept) {
    if (key.length < length) {
      byte[] larger = new byte[Math.max(2 * length, 64)];
      System.arraycopy(key, 0, larger, 0, kept);
      key = larger;
    }
    keyLength = length;
    return key;
  }

  /** Takes an array that is the key, and never changes. */
  public void useKey(byte[] whole) {
    key = whole;
    keyLength = whole.length;
  }

  /** Takes the version, with its value. */
  public void useVersion(long newTag, byte[] newValue, int offset, int length) {
    useVersion(newTag, newValue, offset, length, false);
  }

  /** Takes the version, with its value or a reference to that. */
  public void useVersion(
      long newTag, byte[] newValue, int offset, int length, boolean isReference) {
    tag = newTag;
    value = newValue;
    valueOffset = offset;
    valueLength = length;
    apart = isReference;
  }
}
