package org.ferrisdb.shard.log;

import java.nio.ByteBuffer;

/**
 * What stands in front of every entry that a leader of ours proposes.
 *
 * <pre>
 *   offset 0        1      2              10               18                   26
 *          +--------+------+--------------+----------------+--------------------+--------
 *          | format | kind | term         | number         | predecessor        | body ...
 *          | u8 = 1 | u8   | u64          | u64            | u64                |
 *          +--------+------+--------------+----------------+--------------------+--------
 * </pre>
 *
 * <p>Big-endian. There is no checksum: the Raft log has one for each record, and so does the
 * connection between nodes.
 *
 * @param kind what the body is; {@link #NO_OP} or a code of the state machine's own
 * @param term the term in which its proposer led; the entry counts only in that term
 * @param number its number among the proposer's entries of this term, from 1, never used twice
 * @param predecessor the number of the entry it was evaluated on top of, 0 for none in this term
 * @param body the rest; reading it must go through {@link ByteBuffer#duplicate} or consume it once
 */
public record LogEntryFrame(int kind, long term, long number, long predecessor, ByteBuffer body) {
  /** The format written now. */
  public static final int FORMAT = 1;

  /** Bytes in front of the body. */
  public static final int HEADER_BYTES = 26;

  /** The kind of an entry that changes nothing: it keeps a lease or starts a chain. */
  public static final int NO_OP = 0;

  /** A new buffer with header and body, ready to be proposed. */
  public ByteBuffer encode() {
    ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + body.remaining());
    out.put((byte) FORMAT).put((byte) kind).putLong(term).putLong(number).putLong(predecessor);
    return out.put(body.duplicate()).flip();
  }

  /**
   * Reads a frame; its body is a view of the payload, valid as long as that is.
   *
   * @throws IllegalArgumentException if it is shorter than a header or of another format; a replica
   *     that meets one must stop, because it can not know what the others made of it
   */
  public static LogEntryFrame decode(ByteBuffer payload) {
    if (payload.remaining() < HEADER_BYTES) {
      throw new IllegalArgumentException(
          "log entry of " + payload.remaining() + " bytes is shorter than its header");
    }
    ByteBuffer in = payload.duplicate();
    int format = in.get() & 0xff;
    if (format != FORMAT) {
      throw new IllegalArgumentException(
          "log entry of format " + format + ", this version reads " + FORMAT);
    }
    int kind = in.get() & 0xff;
    return new LogEntryFrame(kind, in.getLong(), in.getLong(), in.getLong(), in.slice());
  }
}
