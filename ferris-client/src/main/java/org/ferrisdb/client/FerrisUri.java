package org.ferrisdb.client;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where a cluster is found: {@code ferris://host:port,host:port,...}. A few of its nodes are
 * enough; the client learns the others from them. The port may be left out and is then 7001. IPv6
 * addresses stand in brackets: {@code ferris://[::1]:7001}.
 *
 * <p>{@code ?network=outside} at the end says by which of their named addresses the nodes are to be
 * reached, see {@link FerrisOptions#network}. It is seldom needed: where the addresses are the
 * nodes' own of a network, the client stays in that network by itself.
 *
 * @param addresses at least one, each {@code host:port}
 * @param network the network's name; empty: whichever the addresses belong to
 */
public record FerrisUri(List<String> addresses, String network) {
  /** The port of an address that names none. */
  public static final int DEFAULT_PORT = 7001;

  private static final String SCHEME = "ferris://";
  private static final String NETWORK = "?network=";
  private static final Pattern NETWORK_NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");
  private static final String EXAMPLE = "write it like ferris://127.0.0.1:7001,127.0.0.1:7002";

  /** Takes a copy of the list. */
  public FerrisUri {
    addresses = List.copyOf(addresses);
  }

  /** Addresses that tell their network by themselves. */
  public FerrisUri(List<String> addresses) {
    this(addresses, "");
  }

  static boolean isNetworkName(String name) {
    return NETWORK_NAME.matcher(name).matches();
  }

  /**
   * Reads a URI.
   *
   * @throws InvalidRequestException naming the part that is wrong
   */
  public static FerrisUri parse(String uri) {
    if (!uri.startsWith(SCHEME)) {
      throw invalid(uri, "it does not begin with ferris://");
    }
    String rest = uri.substring(SCHEME.length());
    String network = "";
    int query = rest.indexOf('?');
    if (query >= 0) {
      network = network(uri, rest.substring(query));
      rest = rest.substring(0, query);
    }
    if (rest.endsWith("/")) {
      rest = rest.substring(0, rest.length() - 1);
    }
    if (rest.isEmpty()) {
      throw invalid(uri, "it names no address");
    }
    if (rest.indexOf('/') >= 0 || rest.indexOf('@') >= 0) {
      throw invalid(uri, "nothing but addresses and ?network= may follow ferris://");
    }
    List<String> addresses = new ArrayList<>();
    for (String part : rest.split(",", -1)) {
      String address = address(uri, part.strip());
      if (!addresses.contains(address)) {
        addresses.add(address);
      }
    }
    return new FerrisUri(addresses, network);
  }

  private static String network(String uri, String query) {
    if (!query.startsWith(NETWORK)) {
      throw invalid(uri, "\"" + query + "\" is not known, only ?network=NAME is");
    }
    String name = query.substring(NETWORK.length());
    if (!isNetworkName(name)) {
      throw invalid(
          uri,
          "a network's name is 1 to 32 small letters, digits and dashes, not \"" + name + "\"");
    }
    return name;
  }

  private static String address(String uri, String part) {
    if (part.isEmpty()) {
      throw invalid(uri, "an address is empty");
    }
    int hostEnd = part.length();
    if (part.startsWith("[")) {
      hostEnd = part.indexOf(']') + 1;
      if (hostEnd == 0) {
        throw invalid(uri, "the bracket of \"" + part + "\" is not closed");
      }
    } else if (part.indexOf(':') >= 0) {
      hostEnd = part.indexOf(':');
      if (part.indexOf(':', hostEnd + 1) >= 0) {
        throw invalid(
            uri, "\"" + part + "\" has several colons; an IPv6 address stands in brackets");
      }
    }
    String host = part.substring(0, hostEnd);
    if (host.isEmpty() || host.equals("[]") || host.chars().anyMatch(Character::isWhitespace)) {
      throw invalid(uri, "\"" + part + "\" has no host");
    }
    String port = part.substring(hostEnd);
    if (port.isEmpty()) {
      return host + ":" + DEFAULT_PORT;
    }
    return host + ":" + port(uri, part, port);
  }

  private static int port(String uri, String part, String text) {
    try {
      int port = text.startsWith(":") ? Integer.parseInt(text.substring(1)) : -1;
      if (port >= 1 && port <= 65_535) {
        return port;
      }
    } catch (NumberFormatException notANumber) {
      // The same error as a number out of range.
    }
    throw invalid(uri, "the port of \"" + part + "\" is not a number from 1 to 65535");
  }

  private static InvalidRequestException invalid(String uri, String why) {
    return new InvalidRequestException("cluster URI \"" + uri + "\": " + why, EXAMPLE);
  }

  @Override
  public String toString() {
    return SCHEME + String.join(",", addresses) + (network.isEmpty() ? "" : NETWORK + network);
  }
}
