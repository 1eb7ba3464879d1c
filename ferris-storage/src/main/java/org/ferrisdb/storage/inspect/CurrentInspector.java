package org.ferrisdb.storage.inspect;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.io.FileWindow;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.manifest.Manifest;

/** Shows CURRENT: one line of text that names a manifest. */
final class CurrentInspector {
  /** A name, a space, eight digits and a line feed are far fewer. */
  private static final int MAX_BYTES = 256;

  private CurrentInspector() {}

  static void run(FileSystem files, Path path, Inspector.Request request, Consumer<Part> out)
      throws IOException {
    String name = String.valueOf(path.getFileName());
    byte[] bytes;
    long length;
    try (FileSystem.ReadableFile file = files.open(path)) {
      FileWindow window = new FileWindow(file, name);
      length = window.length();
      bytes = window.bytes(0, (int) Math.min(MAX_BYTES, length));
    }
    PartBuilder part =
        new PartBuilder("file", 0, length).word("type", FileNames.CURRENT).word("name", name);
    part.data("text", bytes);
    boolean right = false;
    try {
      long number = Manifest.parseCurrent(bytes, name);
      part.word("manifest", FileNames.Kind.MANIFEST.name(number));
      right = true;
    } catch (StorageException.Corruption e) {
      part.finding(
          new Finding(Finding.Kind.DAMAGED, name, 0, "is no manifest's name and its checksum"));
    }
    PartBuilder.Fields fields = new PartBuilder.Fields(request.fields(), bytes, 0);
    int space = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(' ');
    ByteSource source = new ByteSource(bytes, 0, bytes.length, name).tell(fields);
    if (space >= 0) {
      source.getBytes("manifest", space);
      source.getBytes("space", 1);
    }
    if (source.remaining() == 9) {
      source.getBytes(right ? "crc32c in hexadecimal, right" : "crc32c in hexadecimal", 8);
    }
    source.getBytes("rest", source.remaining());
    out.accept(part.fields(fields.take()).build());
  }
}
