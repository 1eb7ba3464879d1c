package org.ferrisdb.storage.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Tests as text. A script is a file of cases: a command line, {@code ---}, the output that is
 * expected, a blank line. Lines that begin with {@code #} between cases are comments. With {@code
 * -Dgolden.update=true} the file is rewritten with what came out; then read the diff.
 */
public final class Golden {
  private static final Path RESOURCES = Path.of("src", "test", "resources", "golden");

  private Golden() {}

  /** Runs every command of the script (a path under src/test/resources/golden). */
  public static void script(String name, Function<List<String>, String> commands) {
    Path file = RESOURCES.resolve(name);
    List<String> lines = read(file).lines().toList();
    StringBuilder actual = new StringBuilder();
    int at = 0;
    while (at < lines.size()) {
      String line = lines.get(at++);
      actual.append(line).append('\n');
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      List<String> words = List.of(line.split(" ", -1));
      String output = commands.apply(words).stripTrailing();
      actual.append("---\n");
      if (!output.isEmpty()) {
        actual.append(output).append('\n');
      }
      actual.append('\n');
      while (at < lines.size() && !lines.get(at).isBlank()) {
        at++; // the expectation
      }
      at++; // the blank line
    }
    compare(file, actual.toString());
  }

  /** Compares a whole file. */
  public static void file(String name, String actual) {
    compare(RESOURCES.resolve(name), actual);
  }

  private static void compare(Path file, String actual) {
    if (Boolean.getBoolean("golden.update")) {
      try {
        Files.createDirectories(RESOURCES);
        Files.writeString(file, actual);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
      return;
    }
    assertThat(actual).as("%s; -Dgolden.update=true rewrites it", file).isEqualTo(read(file));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("golden file " + file, e);
    }
  }

  /** Sixteen bytes a line: offset, hexadecimal, printable characters. */
  public static String hexdump(byte[] bytes) {
    List<String> lines = new ArrayList<>();
    for (int at = 0; at < bytes.length; at += 16) {
      byte[] row = java.util.Arrays.copyOfRange(bytes, at, Math.min(at + 16, bytes.length));
      StringBuilder text = new StringBuilder();
      for (byte b : row) {
        text.append(
            b >= ' ' && b < 127 ? new String(new byte[] {b}, StandardCharsets.US_ASCII) : ".");
      }
      String hex = HexFormat.ofDelimiter(" ").formatHex(row);
      lines.add(String.format(Locale.ROOT, "%08x  %-47s  |%s|", at, hex, text));
    }
    return String.join("\n", lines) + "\n";
  }
}
