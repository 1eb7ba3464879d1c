package org.ferrisdb.shard.meta;

import org.ferrisdb.shard.ShardException;

/** What a command came to; the same on every replica. */
public sealed interface MetaResult {
  /**
   * It holds.
   *
   * @param changed whether it changed anything, or held already
   */
  record Accepted(boolean changed) implements MetaResult {}

  /**
   * It was refused and changed nothing.
   *
   * @param reason the kind
   * @param message one line
   */
  record Refused(ShardException.Reason reason, String message) implements MetaResult {}
}
