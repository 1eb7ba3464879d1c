package org.ferrisdb.storage.inspect;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.key.EntryOrder;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.sstable.BlockContents;
import org.ferrisdb.storage.sstable.BloomFilter;
import org.ferrisdb.storage.sstable.TableFile;
import org.ferrisdb.storage.sstable.TableFormat;
import org.ferrisdb.storage.sstable.TableProperties;
import org.ferrisdb.storage.sstable.ValueReference;
import org.ferrisdb.storage.sstable.ValueUse;
import org.jspecify.annotations.Nullable;

/** Shows a table from its header to its footer. */
final class TableInspector {
  private final FileSystem files;
  private final Path path;
  private final Inspector.Request request;
  private final Consumer<Part> out;
  private final String name;

  TableInspector(FileSystem files, Path path, Inspector.Request request, Consumer<Part> out) {
    this.files = files;
    this.path = path;
    this.request = request;
    this.out = out;
    this.name = String.valueOf(path.getFileName());
  }

  void run() throws IOException {
    try (TableFile file = TableFile.open(files, path)) {
      TableFrame frame = TableFrame.read(file, path);
      PartBuilder whole =
          new PartBuilder("file", 0, file.length())
              .word("type", "SSTable")
              .word("name", name)
              .number("bytes", file.length())
              .number("blocks", frame.index.size());
      if (frame.footer == null) {
        whole.word("note", "without the footer nobody knows where the blocks are");
      }
      boolean all = request.block() < 0 && request.prefix() == null;
      if (!all) { // else they are told with the part that is damaged
        frame.findings.forEach(whole::finding);
      }
      out.accept(whole.build());
      if (all) {
        out.accept(header(file));
      }
      for (int ordinal = 0; ordinal < frame.index.size(); ordinal++) {
        if (request.block() < 0 || request.block() == ordinal) {
          dataBlock(frame, ordinal);
        }
      }
      TableFormat.Footer footer = frame.footer;
      if (all && footer != null) {
        out.accept(framed(frame, "filter", footer.filter(), this::filter));
      }
      if (request.block() < 0 && footer != null && footer.ranges().length() > 0) {
        Part ranges = framed(frame, "ranges", footer.ranges(), this::ranges);
        if (all || !ranges.parts().isEmpty() || !ranges.findings().isEmpty()) {
          out.accept(ranges);
        }
      }
      if (all && footer != null) {
        out.accept(framed(frame, "properties", footer.properties(), this::properties));
        out.accept(
            framed(frame, "index", footer.index(), (part, raw, f) -> index(frame, part, raw, f)));
      }
      if (all) {
        out.accept(footer(file));
      }
    }
  }

  private Part header(TableFile file) throws IOException {
    PartBuilder part = new PartBuilder("header", 0, TableFile.headerBytes());
    check(part, file.bytes(0, TableFile.headerBytes()), 0, file::header);
    return part.build();
  }

  private Part footer(TableFile file) throws IOException {
    long at = Math.max(0, file.footerOffset());
    PartBuilder part = new PartBuilder("footer", at, file.length() - at);
    check(
        part,
        file.bytes(at, (int) (file.length() - at)),
        at,
        fields -> {
          TableFormat.Footer footer = file.footer(fields);
          handle(part, "index", footer.index());
          handle(part, "filter", footer.filter());
          handle(part, "ranges", footer.ranges());
          handle(part, "properties", footer.properties());
        });
    return part.build();
  }

  private static void handle(PartBuilder part, String of, TableFormat.BlockHandle handle) {
    part.number(of + "Offset", handle.offset()).number(of + "Length", handle.length());
  }

  /** Reads with a listener. */
  private interface Reading {
    void run(ByteSource.Listener fields) throws IOException;
  }

  private void check(PartBuilder part, byte[] bytes, long at, Reading reading) throws IOException {
    PartBuilder.Fields fields = new PartBuilder.Fields(request.fields(), bytes, at);
    Finding finding = TableFrame.tryStep(name, at, () -> reading.run(fields));
    part.flag("checksumRight", finding == null).fields(fields.take(finding == null));
    if (finding != null) {
      part.finding(finding);
    }
  }

  private void dataBlock(TableFrame frame, int ordinal) throws IOException {
    TableFrame.IndexEntry entry = frame.index.get(ordinal);
    boolean[] matched = {request.prefix() == null};
    Part part =
        framed(
            frame,
            "block",
            entry.handle(),
            (builder, raw, fields) -> {
              List<Part> entries = entries(builder, raw, fields);
              matched[0] |= !entries.isEmpty();
              entries.forEach(builder::part);
            },
            ordinal);
    if (matched[0] || !part.findings().isEmpty()) {
      out.accept(part);
    }
  }

  /** Says what a block holds. */
  private interface Content {
    void describe(PartBuilder part, byte[] raw, PartBuilder.Fields fields);
  }

  private Part framed(
      TableFrame frame, String kind, TableFormat.BlockHandle handle, Content content)
      throws IOException {
    return framed(frame, kind, handle, content, -1);
  }

  private Part framed(
      TableFrame frame, String kind, TableFormat.BlockHandle handle, Content content, int ordinal)
      throws IOException {
    PartBuilder part = new PartBuilder(kind, handle.offset(), handle.length());
    if (ordinal >= 0) {
      part.number("ordinal", ordinal);
    }
    part.number("offset", handle.offset()).number("storedBytes", handle.length());
    byte @Nullable [][] held = new byte[2][];
    Finding finding =
        TableFrame.tryStep(
            name,
            handle.offset(),
            () -> {
              byte[] framed = frame.file.framed(handle);
              held[0] = framed;
              held[1] = frame.file.unframe(framed, handle);
            });
    byte[] framed = held[0];
    byte[] raw = held[1];
    part.flag("checksumRight", raw != null);
    if (finding != null) {
      part.finding(finding);
    }
    if (framed != null) {
      part.word("compression", PartBuilder.compression(TableFile.compression(framed)));
      describe(frame, part, handle, framed, raw, content);
    }
    return part.build();
  }

  /** Its frame and, if that is whole, its content: in the file's bytes or in the decompressed. */
  private void describe(
      TableFrame frame,
      PartBuilder part,
      TableFormat.BlockHandle handle,
      byte[] framed,
      byte @Nullable [] raw,
      Content content)
      throws IOException {
    PartBuilder.Fields stored = new PartBuilder.Fields(request.fields(), framed, handle.offset());
    boolean plain = raw != null && TableFile.compression(framed) == 0;
    if (raw != null) {
      part.number("rawBytes", raw.length);
      PartBuilder.Fields fields =
          new PartBuilder.Fields(request.fields(), raw, plain ? handle.offset() : 0);
      fields.inDecompressed(!plain);
      Finding finding =
          TableFrame.tryStep(name, handle.offset(), () -> content.describe(part, raw, fields));
      if (finding != null) {
        part.finding(finding);
      }
      if (request.fields()) {
        part.part(
            new PartBuilder("content", handle.offset(), raw.length)
                .inDecompressed(!plain)
                .fields(fields.take())
                .build());
      }
    }
    if (plain) {
      frame.file.trailer(framed, stored);
    } else {
      frame.file.frame(framed, stored);
    }
    part.fields(stored.take(raw != null));
  }

  /** The entries that are wanted; facts about all of them go to the block. */
  private List<Part> entries(PartBuilder block, byte[] raw, PartBuilder.Fields fields) {
    boolean listed = request.entries() || request.block() >= 0 || request.prefix() != null;
    List<Part> wanted = new ArrayList<>();
    Ends ends = new Ends();
    int restarts =
        BlockContents.decode(
            raw,
            name,
            fields,
            (offset, restart, key, keyLength, tag, valueOffset, valueLength, apart) -> {
              ends.note(key, keyLength, tag);
              List<Field> bytes = fields.take();
              boolean matches = request.wants(key, keyLength);
              if (matches && (listed || request.fields())) {
                PartBuilder entry =
                    fields
                        .part("entry", offset, valueOffset + valueLength - offset)
                        .data("key", Arrays.copyOf(key, keyLength))
                        .tag(tag);
                if (apart) {
                  reference(entry, ValueReference.decode(raw, valueOffset, valueLength));
                } else {
                  entry.number("valueBytes", valueLength);
                }
                wanted.add(entry.flag("restart", restart).fields(bytes).build());
              }
            });
    ends.tell(block);
    block.number("restarts", restarts);
    return wanted;
  }

  private static void reference(PartBuilder entry, ValueReference reference) {
    entry
        .number("valueBytes", reference.rawLength())
        .word("valueFile", FileNames.Kind.VALUES.name(reference.file()))
        .number("valueOrdinal", reference.ordinal())
        .number("valueStoredBytes", reference.storedLength());
  }

  /** First and last entry of a block. */
  private static final class Ends {
    private long count;
    private byte[] first = new byte[0];
    private long firstTag;
    private byte[] last = new byte[0];
    private long lastTag;

    void note(byte[] key, int keyLength, long tag) {
      last = Arrays.copyOf(key, keyLength);
      lastTag = tag;
      if (count++ == 0) {
        first = last;
        firstTag = tag;
      }
    }

    void tell(PartBuilder block) {
      block.number("entries", count);
      if (count > 0) {
        block.data("firstKey", first).number("firstTimestamp", EntryOrder.timestamp(firstTag));
        block.data("lastKey", last).number("lastTimestamp", EntryOrder.timestamp(lastTag));
      }
    }
  }

  private void filter(PartBuilder part, byte[] raw, PartBuilder.Fields fields) {
    BloomFilter filter = BloomFilter.decode(raw, name, part.offset());
    part.number("bits", filter.bits()).number("probes", filter.probes());
    ByteSource source = new ByteSource(raw, 0, raw.length, name).tell(fields);
    source.getByte("probes");
    source.getBytes("bits", source.remaining());
  }

  /** Range tombstones: of each the start, where a block has a key, and the end, where the value. */
  private void ranges(PartBuilder part, byte[] raw, PartBuilder.Fields fields) {
    int[] count = new int[1];
    int _ =
        BlockContents.decode(
            raw,
            name,
            fields,
            (offset, _, key, keyLength, tag, valueOffset, valueLength, _) -> {
              byte[] from = Arrays.copyOf(key, keyLength);
              byte[] to = Arrays.copyOfRange(raw, valueOffset, valueOffset + valueLength);
              List<Field> bytes = fields.take();
              if (request.wants(from, to)) {
                part.part(
                    fields
                        .part("range", offset, valueOffset + valueLength - offset)
                        .data("from", from)
                        .data("to", to)
                        .number("timestamp", EntryOrder.timestamp(tag))
                        .fields(bytes)
                        .build());
              }
              count[0]++;
            });
    part.number("entries", count[0]);
  }

  private void properties(PartBuilder part, byte[] raw, PartBuilder.Fields fields) {
    describe(part, TableProperties.decode(new ByteSource(raw, 0, raw.length, name).tell(fields)));
  }

  /** What a table's properties say, as facts. */
  static PartBuilder describe(PartBuilder part, TableProperties properties) {
    part.number("entries", properties.entries())
        .number("tombstones", properties.tombstones())
        .number("ranges", properties.ranges())
        .number("keys", properties.keys())
        .number("minTimestamp", properties.minTimestamp())
        .number("maxTimestamp", properties.maxTimestamp())
        .data("smallest", properties.smallest())
        .data("end", properties.end());
    if (!properties.values().isEmpty()) {
      part.number("valueFiles", properties.values().size())
          .number("valueBytesUsed", properties.values().stream().mapToLong(ValueUse::bytes).sum());
    }
    return part;
  }

  private void index(TableFrame frame, PartBuilder part, byte[] raw, PartBuilder.Fields fields) {
    boolean listed = request.entries() || request.fields();
    int[] count = new int[1];
    BlockContents.decode(
        raw,
        name,
        fields,
        (offset, restart, key, keyLength, tag, valueOffset, valueLength, _) -> {
          TableFormat.BlockHandle handle = frame.file.handle(raw, valueOffset, valueLength);
          List<Field> bytes = fields.take();
          if (listed) {
            part.part(
                fields
                    .part("indexEntry", offset, valueOffset + valueLength - offset)
                    .number("ordinal", count[0])
                    .data("lastKey", Arrays.copyOf(key, keyLength))
                    .number("lastTimestamp", EntryOrder.timestamp(tag))
                    .number("blockOffset", handle.offset())
                    .number("blockLength", handle.length())
                    .fields(bytes)
                    .build());
          }
          count[0]++;
        });
    part.number("entries", count[0]);
  }
}
