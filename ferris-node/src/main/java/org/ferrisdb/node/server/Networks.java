package org.ferrisdb.node.server;

import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeSet;
import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.client.wire.Hello;

/**
 * Which of the nodes' named addresses a client is told. Inside of a container network nodes are
 * reached by other addresses than from outside, and a client can follow a leader only by an address
 * of its own side. It says at which address it found this node; the network that has this address
 * is its own. Pure functions.
 */
final class Networks {
  /** The network of {@code client.advertise}, for those who ask for it by name. */
  static final String DEFAULT = "default";

  private Networks() {}

  /**
   * The network of a connection; empty: the default one.
   *
   * @param hello what the client said
   * @param own this node's networks with its address in each
   * @throws RequestException if the client asks for a network that this node has not
   */
  static String of(Hello hello, SortedMap<String, String> own) {
    String asked = hello.getNetwork();
    if (asked.equals(DEFAULT)) {
      return "";
    }
    if (own.containsKey(asked)) {
      return asked;
    }
    if (!asked.isEmpty()) {
      TreeSet<String> known = new TreeSet<>(own.keySet());
      known.add(DEFAULT);
      throw RequestException.refused(
          ErrorCode.INVALID,
          "this node has no network '" + asked + "', it has " + String.join(", ", known),
          "see its setting client.networks");
    }
    List<String> dialed =
        hello.getDialedAddressesList().stream().map(a -> a.toLowerCase(Locale.ROOT)).toList();
    return own.entrySet().stream()
        .filter(e -> dialed.contains(e.getValue().toLowerCase(Locale.ROOT)))
        .map(e -> e.getKey())
        .findFirst()
        .orElse("");
  }
}
