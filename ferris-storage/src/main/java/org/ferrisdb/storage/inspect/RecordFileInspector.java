package org.ferrisdb.storage.inspect;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.WriteBatch;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.key.EntryOrder;
import org.ferrisdb.storage.key.RangeTombstone;
import org.ferrisdb.storage.manifest.VersionEdit;
import org.ferrisdb.storage.wal.BatchRecord;
import org.ferrisdb.storage.wal.RecordFormat;
import org.ferrisdb.storage.wal.RecordScan;

/** Shows a WAL file or a manifest: both are files of records. */
final class RecordFileInspector implements RecordScan.Visitor {
  private final FileSystem files;
  private final Path path;
  private final Inspector.Request request;
  private final Consumer<Part> out;
  private final String name;
  private boolean manifest;
  private long edits;

  RecordFileInspector(FileSystem files, Path path, Inspector.Request request, Consumer<Part> out) {
    this.files = files;
    this.path = path;
    this.request = request;
    this.out = out;
    this.name = String.valueOf(path.getFileName());
  }

  void run() throws IOException {
    manifest = Inspector.kind(files, path) == Inspector.FileKind.MANIFEST;
    out.accept(
        new PartBuilder("file", 0, 0)
            .word("type", manifest ? "manifest" : "WAL")
            .word("name", name)
            .build());
    RecordScan.Outcome outcome = RecordScan.scan(files, path, this);
    PartBuilder end =
        new PartBuilder("end", outcome.length(), 0)
            .number("bytes", outcome.length())
            .number("records", outcome.records())
            .flag("ended", outcome.ended());
    judge(outcome, name).forEach(end::finding);
    out.accept(end.build());
  }

  /** What is to be thought of the file as a whole. */
  static List<Finding> judge(RecordScan.Outcome outcome, String name) {
    List<Finding> findings = new ArrayList<>();
    if (outcome.firstGap() >= 0) {
      findings.add(
          outcome.provenSynced()
              ? new Finding(
                  Finding.Kind.DAMAGED,
                  name,
                  outcome.firstGap(),
                  "no record that the engine can read, and surely no torn tail")
              : new Finding(
                  Finding.Kind.TORN_TAIL,
                  name,
                  outcome.firstGap(),
                  "no whole record; the engine takes this for the end"));
    }
    if (outcome.gaveUp()) {
      findings.add(
          new Finding(
              Finding.Kind.DAMAGED,
              name,
              outcome.firstGap(),
              "the search for records behind the damage was given up"));
    }
    return findings;
  }

  @Override
  public void header(byte[] bytes, boolean whole) {
    PartBuilder part = new PartBuilder("header", 0, bytes.length);
    PartBuilder.Fields fields = new PartBuilder.Fields(request.fields(), bytes, 0);
    if (bytes.length == RecordFormat.FILE_HEADER_BYTES) {
      ByteSource source = new ByteSource(bytes, 0, bytes.length, name).tell(fields);
      RecordFormat.FileHeader header = RecordFormat.FileHeader.decode(source);
      part.word("magic", EscapedKey.of(bytes, 8))
          .number("version", header.version())
          .number("number", header.number())
          .number("previous", header.previous());
      checkHeader(header, whole).forEach(part::finding);
    }
    out.accept(part.flag("checksumRight", whole).fields(fields.take(whole)).build());
  }

  private List<Finding> checkHeader(RecordFormat.FileHeader header, boolean whole) {
    return whole ? checkHeader(header, name) : List.of();
  }

  /** What is wrong with a header whose checksum is right. */
  static List<Finding> checkHeader(RecordFormat.FileHeader header, String name) {
    List<Finding> findings = new ArrayList<>();
    Inspector.FileKind kind = Inspector.kindOfName(name);
    String wanted =
        kind == Inspector.FileKind.WAL ? RecordFormat.WAL_MAGIC : RecordFormat.MANIFEST_MAGIC;
    if (kind != Inspector.FileKind.UNKNOWN) {
      long number = Long.parseLong(name.replaceAll("[^0-9]", ""));
      if (!header.magic().equals(wanted) || header.number() != number) {
        findings.add(
            new Finding(
                Finding.Kind.DAMAGED,
                name,
                0,
                "the header says that it is another file: "
                    + header.magic()
                    + " "
                    + header.number()));
      }
    }
    if (header.version() != RecordFormat.VERSION) {
      findings.add(
          new Finding(
              Finding.Kind.UNKNOWN_VERSION,
              name,
              8,
              "format version " + header.version() + ", this build knows " + RecordFormat.VERSION));
    }
    return findings;
  }

  @Override
  public void record(long offset, byte[] bytes) {
    PartBuilder part = new PartBuilder("record", offset, bytes.length);
    PartBuilder.Fields fields = new PartBuilder.Fields(request.fields(), bytes, offset);
    ByteSource source = new ByteSource(bytes, 0, bytes.length, name).tell(fields);
    RecordFormat.RecordHeader header = RecordFormat.RecordHeader.decode(source);
    part.number("offset", offset)
        .word("type", PartBuilder.type(header.type()))
        .number("payloadBytes", header.length())
        .number("syncedTo", header.syncedTo());
    List<Field> head = fields.take(true);
    boolean wanted = request.prefix() == null || manifest;
    if (header.type() == RecordFormat.DATA) {
      try {
        wanted |= describe(part, source);
      } catch (StorageException e) {
        part.finding(TableFrame.finding(e, name, offset));
        wanted = true;
      }
    } else if (header.type() == RecordFormat.LINK && header.length() == RecordFormat.LINK_BYTES) {
      part.number("previousSyncedTo", source.getLong("previousSyncedTo"));
    }
    part.fields(head).fields(fields.take());
    if (wanted) {
      out.accept(part.build());
    }
  }

  /** Whether something of it is asked for. */
  private boolean describe(PartBuilder part, ByteSource payload) {
    if (manifest) {
      describe(part, VersionEdit.decode(payload), edits++);
      return true;
    }
    WriteBatch batch = BatchRecord.decode(payload);
    part.number("term", batch.position().term()).number("index", batch.position().index());
    part.number("ops", batch.ops().size());
    if (!batch.ranges().isEmpty()) {
      part.number("ranges", batch.ranges().size());
    }
    boolean wanted = false;
    for (WriteBatch.Op op : batch.ops()) {
      if (request.wants(op.key(), op.key().length)) {
        wanted = true;
        part.part(
            new PartBuilder("op", Finding.WHOLE_FILE, 0)
                .data("key", op.key())
                .tag(EntryOrder.tag(op.timestamp(), op.kind()))
                .number("valueBytes", op.kind() == EntryKind.PUT ? op.value().length : 0)
                .build());
      }
    }
    for (RangeTombstone range : batch.ranges()) {
      if (request.wants(range.from(), range.to())) {
        wanted = true;
        part.part(
            new PartBuilder("range", Finding.WHOLE_FILE, 0)
                .data("from", range.from())
                .data("to", range.to())
                .number("timestamp", range.timestamp())
                .build());
      }
    }
    return wanted;
  }

  private static void describe(PartBuilder part, VersionEdit edit, long ordinal) {
    part.number("edit", ordinal)
        .number("nextFileNumber", edit.nextFileNumber())
        .number("logNumber", edit.logNumber())
        .number("term", edit.position().term())
        .number("index", edit.position().index())
        .number("garbageFloor", edit.garbageFloor());
    for (VersionEdit.Removed removed : edit.removed()) {
      part.part(
          new PartBuilder("removed", Finding.WHOLE_FILE, 0)
              .number("level", removed.level())
              .number("number", removed.number())
              .build());
    }
    for (VersionEdit.Added added : edit.added()) {
      part.part(
          EngineInspector.table(added.table(), "added").number("level", added.level()).build());
    }
  }

  @Override
  public void gap(long from, long to) {
    PartBuilder part = new PartBuilder("gap", from, to - from).number("offset", from);
    out.accept(part.number("bytes", to - from).build());
  }
}
