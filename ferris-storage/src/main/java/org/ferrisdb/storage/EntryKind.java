package org.ferrisdb.storage;

/** What an entry says of its key. The codes are on disk: never change them. */
public enum EntryKind {
  /** The key has no value from this timestamp on. */
  TOMBSTONE(0),
  /** The key has this value from this timestamp on. */
  PUT(1);

  private final int code;

  EntryKind(int code) {
    this.code = code;
  }

  /** The byte that stands for this kind on disk. */
  public int code() {
    return code;
  }
}
