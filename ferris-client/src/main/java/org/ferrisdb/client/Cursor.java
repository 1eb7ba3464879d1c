package org.ferrisdb.client;

/**
 * Where a scan stands, to go on from there later, in another process if need be. It remembers the
 * moment in time that the scan reads, so what follows is the rest of the same consistent picture,
 * as long as the cluster keeps versions that old (10 minutes by default).
 *
 * @param snapshot the moment that is read
 * @param reverse whether the scan runs from large keys to small ones
 * @param position forward: the first key to be read; reverse: the key just above the first to be
 *     read
 */
public record Cursor(Version snapshot, boolean reverse, Bytes position) {
  /** A short text without blanks; {@link #parse} reads it. */
  @Override
  public String toString() {
    return snapshot.value() + (reverse ? "-r-" : "-f-") + position.toHex();
  }

  /**
   * Reads what {@link #toString} wrote.
   *
   * @throws InvalidRequestException if it is something else
   */
  public static Cursor parse(String text) {
    String[] parts = text.split("-", -1);
    if (parts.length == 3 && (parts[1].equals("r") || parts[1].equals("f"))) {
      try {
        return new Cursor(
            new Version(Long.parseLong(parts[0])), parts[1].equals("r"), Bytes.hex(parts[2]));
      } catch (IllegalArgumentException notOurs) {
        // Falls through to the same error as any other text.
      }
    }
    throw new InvalidRequestException(
        "not a cursor: " + Bytes.utf8(text), "use the text that Cursor.toString() gave");
  }
}
