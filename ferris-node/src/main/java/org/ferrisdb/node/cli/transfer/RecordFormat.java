package org.ferrisdb.node.cli.transfer;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Locale;

/** How records stand in a file; see the package's description. Stateless, so thread-safe. */
public enum RecordFormat {
  /** {@code key TAB value} with escapes: any bytes. */
  TSV,
  /** A JSON object a line: any bytes. */
  JSONL,
  /** {@code key TAB value} verbatim: no newline anywhere, no tab in a key. */
  RAW;

  /**
   * Writes one record and its newline.
   *
   * @param ascii escape everything outside printable ASCII (not with {@link #RAW})
   * @throws IOException if the stream fails, or the record can not be told in this format
   */
  public void write(byte[] key, byte[] value, boolean ascii, OutputStream out) throws IOException {
    switch (this) {
      case TSV -> TsvCodec.write(key, value, ascii, out);
      case JSONL -> JsonLinesCodec.write(key, value, ascii, out);
      case RAW -> writeRaw(key, value, out);
    }
  }

  /**
   * Reads one line, given without its newline.
   *
   * @param number the line's number, from 1, for messages
   * @throws MalformedLineException if it is not a record
   */
  public KeyValue read(byte[] line, long number) throws MalformedLineException {
    return switch (this) {
      case TSV -> TsvCodec.read(line, number);
      case JSONL -> JsonLinesCodec.read(line, number);
      case RAW -> {
        int tab = TsvCodec.tabOf(line, number);
        yield new KeyValue(
            Arrays.copyOf(line, tab), Arrays.copyOfRange(line, tab + 1, line.length));
      }
    };
  }

  /** As people write it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Writes a key alone and a newline, as {@link #TSV} would. */
  public static void writeKey(byte[] key, boolean ascii, OutputStream out) throws IOException {
    TsvCodec.writeEscaped(key, ascii, out);
    out.write('\n');
  }

  /** The format that a file's name stands for: {@code .jsonl} and {@code .ndjson}, else tsv. */
  public static RecordFormat ofFileName(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".jsonl") || lower.endsWith(".ndjson") ? JSONL : TSV;
  }

  private static void writeRaw(byte[] key, byte[] value, OutputStream out) throws IOException {
    if (indexOf(key, '\t') >= 0 || indexOf(key, '\n') >= 0 || indexOf(value, '\n') >= 0) {
      throw new IOException(
          "key "
              + Printable.of(key)
              + " or its value holds a tab or newline, which --format raw can not tell apart from"
              + " its own");
    }
    out.write(key);
    out.write('\t');
    out.write(value);
    out.write('\n');
  }

  private static int indexOf(byte[] bytes, int wanted) {
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return -1;
  }
}
