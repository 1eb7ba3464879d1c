package org.ferrisdb.node.local;

/** A local cluster can not be created, started or changed. Message and hint are one line each. */
public final class LocalClusterException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String hint;

  /** What is wrong, and what to do about it. */
  public LocalClusterException(String message, String hint) {
    super(message);
    this.hint = hint;
  }

  /** What is wrong, what to do about it, and the cause. */
  public LocalClusterException(String message, String hint, Throwable cause) {
    super(message, cause);
    this.hint = hint;
  }

  /** What to do about it. */
  public String hint() {
    return hint;
  }
}
