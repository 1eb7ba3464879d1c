package org.ferrisdb.integration.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Compares with a file of {@code src/test/golden}; {@code -Dgolden.update=true} writes it anew. */
final class GoldenFile {
  private GoldenFile() {}

  static void check(String name, String actual) {
    Path file = Path.of("src/test/golden", name);
    try {
      if (Boolean.getBoolean("golden.update")) {
        Files.createDirectories(file.getParent());
        Files.writeString(file, actual);
      }
      assertThat(actual)
          .as("%s (read the diff, then -Dgolden.update=true)", file)
          .isEqualTo(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
