package org.ferrisdb.storage.testing;

/** An error that can not be told: telling it would take memory that is not there. */
public final class Unspeakable extends Error {
  private static final long serialVersionUID = 1L;

  @Override
  public String getMessage() {
    throw new OutOfMemoryError("for the message");
  }
}
