package org.ferrisdb.storage.inspect;

import java.util.Locale;

/**
 * Something that is not as it should be.
 *
 * @param kind which rule it breaks
 * @param file its name, without the directory
 * @param offset where in the file, in bytes; -1 if it is about the file as a whole
 * @param message what is wrong, a part of a sentence
 */
public record Finding(Kind kind, String file, long offset, String message) {
  /** Where there is no offset. */
  public static final long WHOLE_FILE = -1;

  /** Rules. */
  public enum Kind {
    /** Bytes are not what was written. */
    DAMAGED,
    /** Another release wrote it, most likely a newer one. */
    UNKNOWN_VERSION,
    /** A file that the manifest or CURRENT names is not there. */
    MISSING,
    /** A file has another length than the manifest says. */
    WRONG_LENGTH,
    /** Entries, or an index, are not in order. */
    OUT_OF_ORDER,
    /** A key or timestamp lies outside of what the properties say. */
    OUT_OF_BOUNDS,
    /** A number in the properties is not what was counted. */
    WRONG_COUNT,
    /** The filter denies a key that the table has. */
    FILTER,
    /** The index does not agree with the blocks. */
    INDEX,
    /** Two tables of a level overlap. */
    OVERLAP,
    /** The manifest contradicts itself or the tables. */
    MANIFEST,
    /** A file can not be read at all. */
    UNREADABLE,
    /** Harmless: the end of a log that a crash cut off; it was never acknowledged. */
    TORN_TAIL,
    /** Harmless: a file that nothing names; the next opening deletes it. */
    LEFTOVER,
    /** Harmless: a file went away while it was looked at, as an engine that runs deletes some. */
    WENT_AWAY;

    /** Whether a healthy engine may show it. */
    public boolean harmless() {
      return this == TORN_TAIL || this == LEFTOVER || this == WENT_AWAY;
    }

    /** In words. */
    public String words() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /** One line. */
  @Override
  public String toString() {
    String place = offset == WHOLE_FILE ? file : file + " at offset " + offset;
    return place + ": " + kind.words() + ": " + message;
  }
}
