package org.ferrisdb.storage.inspect;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ferrisdb.storage.AppliedPosition;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.Version;
import org.ferrisdb.storage.manifest.VersionEdit;
import org.ferrisdb.storage.wal.RecordFormat;
import org.ferrisdb.storage.wal.RecordScan;

/**
 * What a manifest's edits add up to, as far as they can be read, and every contradiction in them.
 * The engine ({@code Manifest.load}) stops at the first.
 */
public final class ManifestScan implements RecordScan.Visitor {
  private final String name;
  private final List<Finding> findings = new ArrayList<>();
  private final List<List<TableMetadata>> levels = new ArrayList<>();
  private final Set<Long> gone = new HashSet<>();
  private long edits;
  private long nextFileNumber;
  private long logNumber;
  private AppliedPosition position = AppliedPosition.NONE;
  private long garbageFloor;

  private ManifestScan(String name) {
    this.name = name;
    for (int level = 0; level < Version.LEVELS; level++) {
      levels.add(new ArrayList<>());
    }
  }

  /** Reads the manifest. */
  public static ManifestScan read(FileSystem files, Path path) throws IOException {
    ManifestScan scan = new ManifestScan(String.valueOf(path.getFileName()));
    RecordScan.Outcome outcome = RecordScan.scan(files, path, scan);
    scan.findings.addAll(RecordFileInspector.judge(outcome, scan.name));
    scan.checkLevels();
    if (scan.edits == 0) {
      scan.findings.add(
          new Finding(Finding.Kind.DAMAGED, scan.name, Finding.WHOLE_FILE, "holds no state"));
    }
    return scan;
  }

  @Override
  public void header(byte[] bytes, boolean whole) {
    if (whole) {
      RecordFormat.FileHeader header =
          RecordFormat.FileHeader.decode(new ByteSource(bytes, 0, bytes.length, name));
      findings.addAll(RecordFileInspector.checkHeader(header, name));
    }
  }

  @Override
  public void record(long offset, byte[] bytes) {
    if (RecordScan.header(bytes, name).type() != RecordFormat.DATA) {
      return;
    }
    try {
      int from = RecordFormat.RECORD_HEADER_BYTES;
      apply(VersionEdit.decode(new ByteSource(bytes, from, bytes.length, name)), offset);
    } catch (StorageException e) {
      findings.add(TableFrame.finding(e, name, offset));
    }
  }

  private void apply(VersionEdit edit, long offset) {
    edits++;
    nextFileNumber = edit.nextFileNumber();
    logNumber = edit.logNumber();
    position = edit.position();
    garbageFloor = edit.garbageFloor();
    for (VersionEdit.Removed removed : edit.removed()) {
      gone.add(removed.number());
      if (!levels.get(removed.level()).removeIf(t -> t.number() == removed.number())) {
        findings.add(
            new Finding(
                Finding.Kind.MANIFEST,
                name,
                offset,
                "removes table %d, which level %d does not have"
                    .formatted(removed.number(), removed.level())));
      }
    }
    for (VersionEdit.Added added : edit.added()) {
      gone.remove(added.table().number());
      levels.get(added.level()).add(added.table());
    }
  }

  private void checkLevels() {
    levels.getFirst().sort(Comparator.comparingLong(TableMetadata::number).reversed());
    for (int level = 1; level < levels.size(); level++) {
      List<TableMetadata> tables = levels.get(level);
      tables.sort((a, b) -> Arrays.compareUnsigned(a.smallest(), b.smallest()));
      for (int i = 1; i < tables.size(); i++) {
        TableMetadata left = tables.get(i - 1);
        TableMetadata right = tables.get(i);
        if (Arrays.compareUnsigned(left.end(), right.smallest()) > 0) {
          findings.add(
              new Finding(
                  Finding.Kind.OVERLAP,
                  name,
                  Finding.WHOLE_FILE,
                  "tables %d and %d of level %d overlap"
                      .formatted(left.number(), right.number(), level)));
        }
      }
    }
  }

  @Override
  public void gap(long from, long to) {}

  /** What is wrong with it. */
  public List<Finding> findings() {
    return List.copyOf(findings);
  }

  /** Whether it can be trusted to the last edit. */
  public boolean isWhole() {
    return findings.stream().allMatch(f -> f.kind().harmless());
  }

  /** Edits that could be read. */
  public long edits() {
    return edits;
  }

  /** The tables of each level: level 0 newest first, the others by key. */
  public List<List<TableMetadata>> levels() {
    return levels;
  }

  /** Tables that an edit removed and none added again: they are surely not part of the engine. */
  public Set<Long> removedTables() {
    return gone;
  }

  /** See {@link VersionEdit}; of the last edit. */
  public long nextFileNumber() {
    return nextFileNumber;
  }

  /** See {@link VersionEdit}; of the last edit. */
  public long logNumber() {
    return logNumber;
  }

  /** See {@link VersionEdit}; of the last edit. */
  public AppliedPosition position() {
    return position;
  }

  /** See {@link VersionEdit}; of the last edit. */
  public long garbageFloor() {
    return garbageFloor;
  }
}
