package org.ferrisdb.storage.inspect;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.sstable.TableFile;
import org.ferrisdb.storage.sstable.ValueFile;
import org.ferrisdb.storage.sstable.ValueFormat;
import org.jspecify.annotations.Nullable;

/**
 * Shows a value file from its header to its footer: of values where they lie, not what they say.
 */
final class ValueFileInspector {
  private final FileSystem files;
  private final Path path;
  private final Inspector.Request request;
  private final Consumer<Part> out;
  private final String name;

  ValueFileInspector(FileSystem files, Path path, Inspector.Request request, Consumer<Part> out) {
    this.files = files;
    this.path = path;
    this.request = request;
    this.out = out;
    this.name = String.valueOf(path.getFileName());
  }

  void run() throws IOException {
    try (ValueFile file = ValueFile.open(files, path)) {
      ValueFormat.Footer[] footer = new ValueFormat.Footer[1];
      long[][] offsets = new long[1][];
      Finding unread =
          TableFrame.tryStep(
              name,
              file.footerOffset(),
              () -> {
                footer[0] = file.footer(TableFrame.NOBODY);
                offsets[0] = file.offsets(footer[0]);
              });
      PartBuilder whole =
          new PartBuilder("file", 0, file.length())
              .word("type", "value file")
              .word("name", name)
              .number("bytes", file.length());
      if (unread == null) {
        whole.number("values", offsets[0].length - 1L);
      } else {
        whole.word("note", "without footer and index nobody knows where the values are");
        whole.finding(unread);
      }
      out.accept(whole.build());
      out.accept(part("header", 0, file.bytes(0, ValueFile.headerBytes()), file::header).build());
      if (unread == null) {
        values(file, offsets[0]);
        out.accept(index(file, footer[0], offsets[0]));
      }
      long at = Math.max(0, file.footerOffset());
      PartBuilder last =
          part("footer", at, file.bytes(at, (int) (file.length() - at)), file::footer);
      if (footer[0] != null) {
        last.number("indexOffset", footer[0].indexOffset()).number("values", footer[0].values());
      }
      out.accept(last.build());
    }
  }

  /** Reads with a listener. */
  private interface Reading {
    void run(ByteSource.Listener fields) throws IOException;
  }

  private PartBuilder part(String kind, long at, byte[] bytes, Reading reading) throws IOException {
    PartBuilder part = new PartBuilder(kind, at, bytes.length);
    PartBuilder.Fields fields = new PartBuilder.Fields(request.fields(), bytes, at);
    Finding finding = TableFrame.tryStep(name, at, () -> reading.run(fields));
    part.flag("checksumRight", finding == null).fields(fields.take(finding == null));
    if (finding != null) {
      part.finding(finding);
    }
    return part;
  }

  /** Each value that is asked for, and each that is damaged. */
  private void values(ValueFile file, long[] offsets) throws IOException {
    boolean listed = request.entries() || request.fields();
    for (int i = 0; i + 1 < offsets.length; i++) {
      boolean wanted = request.block() < 0 ? listed : request.block() == i;
      Part value = value(file, i, offsets[i], (int) (offsets[i + 1] - offsets[i]));
      if (wanted || !value.findings().isEmpty()) {
        out.accept(value);
      }
    }
  }

  private Part value(ValueFile file, int ordinal, long offset, int length) throws IOException {
    PartBuilder part =
        new PartBuilder("value", offset, length)
            .number("ordinal", ordinal)
            .number("offset", offset)
            .number("storedBytes", length);
    byte @Nullable [][] held = new byte[2][];
    Finding finding =
        TableFrame.tryStep(
            name,
            offset,
            () -> {
              held[0] = file.framed(offset, length);
              held[1] = file.unframe(held[0], offset);
            });
    byte[] framed = held[0];
    byte[] raw = held[1];
    part.flag("checksumRight", raw != null);
    if (finding != null) {
      part.finding(finding);
    }
    if (raw != null) {
      part.number("rawBytes", raw.length);
    }
    if (framed != null) {
      part.word("compression", PartBuilder.compression(TableFile.compression(framed)));
      PartBuilder.Fields fields = new PartBuilder.Fields(request.fields(), framed, offset);
      file.frame(framed, fields);
      part.fields(fields.take(raw != null));
    }
    return part.build();
  }

  private Part index(ValueFile file, ValueFormat.Footer footer, long[] offsets) throws IOException {
    byte[] framed = file.framedIndex(footer);
    PartBuilder.Fields fields =
        new PartBuilder.Fields(request.fields(), framed, footer.indexOffset());
    ByteSource source = new ByteSource(framed, 0, framed.length, name).tell(fields);
    for (int i = 0; i + 1 < offsets.length; i++) {
      source.getInt("length");
    }
    source.getByte("compression");
    source.getInt("crc32c");
    return new PartBuilder("index", footer.indexOffset(), framed.length)
        .number("offset", footer.indexOffset())
        .number("storedBytes", framed.length)
        .word("compression", "none")
        .number("entries", offsets.length - 1L)
        .flag("checksumRight", true)
        .fields(fields.take(true))
        .build();
  }
}
