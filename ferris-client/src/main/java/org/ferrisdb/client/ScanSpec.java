package org.ferrisdb.client;

import java.util.Optional;

/**
 * What a scan reads, as a value; {@link Scan} is the same with methods to run it.
 *
 * @param range the keys
 * @param reverse from large keys to small ones
 * @param limit at most this many entries; {@link Long#MAX_VALUE} for all
 * @param keysOnly leave the values out
 * @param pageSize entries per page
 * @param pageBytes bytes per page, about
 * @param snapshot the moment to read; nothing: now
 * @param after where to go on; nothing: at the beginning
 */
public record ScanSpec(
    KeyRange range,
    boolean reverse,
    long limit,
    boolean keysOnly,
    int pageSize,
    int pageBytes,
    Optional<Version> snapshot,
    Optional<Cursor> after) {
  /** Rejects what makes no sense, naming it. */
  public ScanSpec {
    if (limit < 0) {
      throw new InvalidRequestException("a scan limit of " + limit, "use 0 or more");
    }
    if (pageSize < 1 || pageBytes < 1) {
      throw new InvalidRequestException(
          "a scan page of " + pageSize + " entries, " + pageBytes + " bytes", "use 1 or more");
    }
    if (after.isPresent() && after.get().reverse() != reverse) {
      throw new InvalidRequestException(
          "a cursor of a " + (reverse ? "forward" : "reverse") + " scan, used for the other way",
          "call reverse() before after(cursor), as the scan did that the cursor is from");
    }
  }

  /** The moment that is read: the cursor's if there is one. Nothing: now. */
  Optional<Version> readAt() {
    return after.isPresent() ? after.map(Cursor::snapshot) : snapshot;
  }
}
