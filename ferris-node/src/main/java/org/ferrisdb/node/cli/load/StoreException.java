package org.ferrisdb.node.cli.load;

import org.jspecify.annotations.Nullable;

/** An operation failed; tells whether it may have had an effect all the same. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean unknown;

  /** A failure; {@code unknown}: the operation may have had an effect. */
  public StoreException(String message, boolean unknown, @Nullable Throwable cause) {
    super(message, cause);
    this.unknown = unknown;
  }

  /** Whether a write may have been applied, or may yet be. */
  public boolean outcomeUnknown() {
    return unknown;
  }
}
