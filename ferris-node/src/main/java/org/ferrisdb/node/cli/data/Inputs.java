package org.ferrisdb.node.cli.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ExitCode;

/** Files named on the command line. */
final class Inputs {
  /** Stands for standard input. */
  static final String STANDARD = "-";

  private Inputs() {}

  /**
   * Opens a file, or standard input.
   *
   * @throws java.nio.file.NoSuchFileException if there is no such file
   */
  static InputStream open(CliContext context, String file) throws IOException {
    if (file.equals(STANDARD)) {
      return context.in();
    }
    Path path = Path.of(file);
    if (Files.isDirectory(path)) { // it could be opened, and would fail later without its name
      throw new CliException(ExitCode.USAGE, file + " is a directory", "name a file");
    }
    return Files.newInputStream(path);
  }
}
