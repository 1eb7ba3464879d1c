package org.ferrisdb.node.observe;

import java.util.Locale;
import org.ferrisdb.client.wire.Envelope;

/** Names of requests in metrics and logs. */
final class Operations {
  private Operations() {}

  /** write, get, scan, map, ... */
  static String name(Envelope request) {
    return request.getBodyCase().name().toLowerCase(Locale.ROOT);
  }

  /** The shard a request is for, -1 for none. */
  static long shard(Envelope request) {
    return switch (request.getBodyCase()) {
      case WRITE -> request.getWrite().getShardId();
      case GET -> request.getGet().getShardId();
      case SCAN -> request.getScan().getShardId();
      default -> -1;
    };
  }
}
