package org.ferrisdb.storage.inspect;

/** Something to know about a {@link Part}, with a name that programs may rely on. */
public sealed interface Fact {
  /** In camel case. */
  String name();

  /** A number. */
  record Count(String name, long value) implements Fact {}

  /** A word of ours. */
  record Word(String name, String value) implements Fact {}

  /** A yes or no. */
  record Flag(String name, boolean value) implements Fact {}

  /** Bytes of the user's, a key most times. */
  @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
  record Data(String name, byte[] value) implements Fact {}
}
