package org.ferrisdb.client;

import java.util.List;
import java.util.Optional;

/**
 * One page of a scan.
 *
 * @param snapshot the moment that was read
 * @param entries in the scan's order; can be fewer than were asked for, even none, though more
 *     follow
 * @param next where the next page begins; nothing: this was the last
 */
public record ScanPage(Version snapshot, List<Entry> entries, Optional<Cursor> next) {
  /** Takes a copy of the list. */
  public ScanPage {
    entries = List.copyOf(entries);
  }
}
