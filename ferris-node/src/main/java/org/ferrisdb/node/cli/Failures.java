package org.ferrisdb.node.cli;

import com.google.gson.JsonObject;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.ferrisdb.node.cli.transfer.MalformedLineException;
import org.ferrisdb.node.config.ConfigException;
import org.ferrisdb.node.local.LocalClusterException;

/**
 * How a command ended.
 *
 * @param exitCode see {@link ExitCode}
 * @param message what is wrong; one line
 * @param hint what to do about it; one line, may be empty
 */
record Failures(int exitCode, String message, String hint) {
  /** Sorts an exception into statuses and words. Pure. */
  static Failures of(Throwable error) {
    return switch (error) {
      case CliException e -> new Failures(e.exitCode(), words(e), e.hint());
      case LocalClusterException e -> new Failures(ExitCode.NO, words(e), e.hint());
      case ConfigException e -> new Failures(ExitCode.USAGE, words(e), "");
      case MalformedLineException e -> new Failures(ExitCode.USAGE, words(e), e.hint());
      case NoSuchFileException e ->
          new Failures(ExitCode.USAGE, "there is no file " + e.getFile(), "");
      case FileNotFoundException e -> new Failures(ExitCode.USAGE, words(e), "");
      case FileSystemException e -> new Failures(ExitCode.NO, words(e), "");
      case IOException e -> new Failures(ExitCode.NO, words(e), "");
      case UncheckedIOException e when e.getCause() != null -> of(e.getCause());
      case InterruptedException _ -> new Failures(ExitCode.NO, "interrupted", "");
      default -> ClientFailures.of(error);
    };
  }

  static String words(Throwable e) {
    String message = e.getMessage();
    return message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
  }

  /** The line for standard error. */
  String line(String command) {
    String text = (message + (hint.isEmpty() ? "" : "; " + hint)).replaceAll("\\s*\\R\\s*", " ");
    return command + ": " + text;
  }

  /** The same for programs. */
  String jsonLine() {
    JsonObject json = new JsonObject();
    json.addProperty("error", message);
    json.addProperty("hint", hint);
    json.addProperty("exitCode", exitCode);
    return json.toString();
  }
}
