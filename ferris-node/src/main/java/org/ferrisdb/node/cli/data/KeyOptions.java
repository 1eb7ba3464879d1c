package org.ferrisdb.node.cli.data;

import java.nio.charset.StandardCharsets;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.transfer.Printable;
import picocli.CommandLine.Option;

/** How keys and values are written on the command line. */
public final class KeyOptions {
  @Option(
      names = {"-e", "--escaped"},
      description =
          "Keys and values are written with \\t \\n \\r \\\\ \\xHH, and printed so. Without it they"
              + " are plain UTF-8 text.")
  private boolean escaped;

  /** Whether escapes are in use. */
  boolean escaped() {
    return escaped;
  }

  /** A key of the command line. */
  Bytes key(String text) {
    Bytes key = bytes(text);
    if (key.isEmpty()) {
      throw new CliException(ExitCode.USAGE, "the key is empty", "keys have at least one byte");
    }
    return key;
  }

  /** A value or a bound of the command line. */
  Bytes bytes(String text) {
    try {
      return Bytes.ofBytes(escaped ? Printable.parse(text) : text.getBytes(StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      throw new CliException(
          ExitCode.USAGE,
          "'" + text + "' has a backslash that begins none of \\t \\n \\r \\\\ \\xHH",
          "write a backslash as \\\\, or leave --escaped out");
    }
  }
}
