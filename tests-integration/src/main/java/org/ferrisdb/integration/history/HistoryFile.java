package org.ferrisdb.integration.history;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/// Text files in UTF-8, compressed if their name ends in `.gz`: a history shrinks to a tenth.
final class HistoryFile {
  private HistoryFile() {}

  static BufferedWriter writer(Path file) throws IOException {
    OutputStream out = Files.newOutputStream(file);
    try {
      OutputStream bytes = compressed(file) ? new GZIPOutputStream(out) : out;
      return new BufferedWriter(new OutputStreamWriter(bytes, StandardCharsets.UTF_8));
    } catch (IOException e) {
      out.close();
      throw e;
    }
  }

  static BufferedReader reader(Path file) throws IOException {
    InputStream in = Files.newInputStream(file);
    try {
      InputStream bytes = compressed(file) ? new GZIPInputStream(in) : in;
      return new BufferedReader(new InputStreamReader(bytes, StandardCharsets.UTF_8));
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  private static boolean compressed(Path file) {
    return String.valueOf(file.getFileName()).endsWith(".gz");
  }
}
