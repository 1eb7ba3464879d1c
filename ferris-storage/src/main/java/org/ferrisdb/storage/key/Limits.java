package org.ferrisdb.storage.key;

/**
 * The sizes that the engine accepts; every buffer and sanity check of a length derives from them.
 */
public final class Limits {
  /** A key: 8 KiB of the user's and up to 1 KiB of prefix that the layer above puts before it. */
  public static final int KEY_BYTES = (8 << 10) + (1 << 10);

  /** A value: 1 MiB of the user's and up to 64 KiB of envelope. */
  public static final int VALUE_BYTES = (1 << 20) + (64 << 10);

  /** A batch: a log entry of 4 MiB and up to 1 MiB of bookkeeping that its application adds. */
  public static final int BATCH_BYTES = (4 << 20) + (1 << 20);

  /** What an operation counts in a batch besides its key and value. */
  public static final int OP_OVERHEAD_BYTES = 24;

  private Limits() {}
}
