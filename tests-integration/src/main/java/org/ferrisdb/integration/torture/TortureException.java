package org.ferrisdb.integration.torture;

/** What the user asked for can not be done; told in one line. */
final class TortureException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String remedy;

  TortureException(String message, String remedy) {
    super(message);
    this.remedy = remedy;
  }

  /** What is wrong, and what to do about it. */
  String line() {
    return getMessage() + "; " + remedy;
  }
}
