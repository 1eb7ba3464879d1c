package org.ferrisdb.client;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a cluster is found: {@code ferris://host:port,host:port,...}. A few of its nodes are
 * enough; the client learns the others from them. The port may be left out and is then 7001. IPv6
 * addresses stand in brackets: {@code ferris://[::1]:7001}.
 *
 * @param addresses at least one, each {@code host:port}
 */
public record FerrisUri(List<String> addresses) {
  /** The port of an address that names none. */
  public static final int DEFAULT_PORT = 7001;

  private static final String SCHEME = "ferris://";
  private static final String EXAMPLE = "write it like ferris://127.0.0.1:7001,127.0.0.1:7002";

  /** Takes a copy of the list. */
  public FerrisUri {
    addresses = List.copyOf(addresses);
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
    if (rest.endsWith("/")) {
      rest = rest.substring(0, rest.length() - 1);
    }
    if (rest.isEmpty()) {
      throw invalid(uri, "it names no address");
    }
    if (rest.indexOf('/') >= 0 || rest.indexOf('?') >= 0 || rest.indexOf('@') >= 0) {
      throw invalid(uri, "nothing but addresses may follow ferris://");
    }
    List<String> addresses = new ArrayList<>();
    for (String part : rest.split(",", -1)) {
      String address = address(uri, part.strip());
      if (!addresses.contains(address)) {
        addresses.add(address);
      }
    }
    return new FerrisUri(addresses);
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
    return SCHEME + String.join(",", addresses);
  }
}
