package org.ferrisdb.node.console;

import java.util.Locale;
import org.ferrisdb.client.wire.Envelope;
import org.jspecify.annotations.Nullable;

/** What clients ask of shards. */
enum TrafficKind {
  /** Reads of a key. */
  GET,
  /** Pages of a scan. */
  SCAN,
  /** Puts, deletes, conditional writes and batches. */
  WRITE;

  /** The kind of a request, null for those between nodes and about the cluster. */
  static @Nullable TrafficKind of(Envelope request) {
    return switch (request.getBodyCase()) {
      case GET -> GET;
      case SCAN -> SCAN;
      case WRITE -> WRITE;
      default -> null;
    };
  }

  /** Its name in JSON. */
  String jsonName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
