package org.ferrisdb.shard.log;

import java.nio.ByteBuffer;

/**
 * Rule 6 on the side that applies: an entry counts only if it names the term it stands in and was
 * evaluated on exactly the state that precedes it.
 *
 * <p>Part of the replicated state: it must be saved with what the entries change and restored with
 * it. Deterministic. Not thread-safe; it belongs to the thread that applies.
 *
 * <pre>
 *   saved state, 16 bytes:  +-----------+-----------------------------+
 *                           | term u64  | last number accepted in it  |
 *                           +-----------+-----------------------------+
 * </pre>
 */
public final class EntryChain {
  /** Bytes of {@link #save}. */
  public static final int SAVED_BYTES = 16;

  private long term;
  private long last;

  /** Before any entry. */
  public EntryChain() {}

  /** The chain as {@link #save} wrote it. */
  public static EntryChain restore(byte[] saved) {
    if (saved.length != SAVED_BYTES) {
      throw new IllegalArgumentException("saved chain of " + saved.length + " bytes, not 16");
    }
    ByteBuffer in = ByteBuffer.wrap(saved);
    EntryChain chain = new EntryChain();
    chain.term = in.getLong();
    chain.last = in.getLong();
    return chain;
  }

  /** The state, to be kept with what the entries changed. */
  public byte[] save() {
    return ByteBuffer.allocate(SAVED_BYTES).putLong(term).putLong(last).array();
  }

  /**
   * Whether the entry may be applied; if so the chain has moved on. A rejected entry is rejected
   * whole and changes nothing, this chain included.
   *
   * @param logTerm the term of the Raft log entry that carries the frame
   */
  public boolean accept(long logTerm, LogEntryFrame frame) {
    if (frame.term() != logTerm || logTerm < term) {
      return false;
    }
    long tail = logTerm == term ? last : 0;
    if (frame.predecessor() != tail || frame.number() <= tail) {
      return false;
    }
    term = logTerm;
    last = frame.number();
    return true;
  }

  /** The newest term of which an entry was accepted, 0 before any. */
  public long term() {
    return term;
  }

  /** The number of the last entry accepted in {@link #term}. */
  public long last() {
    return last;
  }
}
