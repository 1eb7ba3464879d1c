package org.ferrisdb.storage.inspect;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.WriteBatch;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.wal.BatchRecord;
import org.ferrisdb.storage.wal.RecordFormat;
import org.ferrisdb.storage.wal.RecordScan;
import org.ferrisdb.storage.wal.WalChain;

/**
 * Reads the WAL files that an opening would replay, by its rules ({@link WalChain}). One run per
 * object.
 */
public final class WalVerifier {
  private final FileSystem files;
  private final Path directory;
  private final Consumer<WriteBatch> batches;
  private final List<Finding> findings = new ArrayList<>();
  private final Set<Long> read = new HashSet<>();
  private final Set<Long> reported = new HashSet<>();
  private long records;
  private long bytes;

  /** Every batch that can be read goes to the consumer, in order. */
  public WalVerifier(FileSystem files, Path directory, Consumer<WriteBatch> batches) {
    this.files = files;
    this.directory = directory;
    this.batches = batches;
  }

  /**
   * Reads the files.
   *
   * @param numbers ascending
   * @param logNumber files below it may be missing
   */
  public void run(List<Long> numbers, long logNumber) throws IOException {
    WalChain chain = new WalChain(logNumber);
    for (long number : numbers) {
      String name = FileNames.Kind.WAL.name(number);
      try {
        one(name, number, chain);
      } catch (IOException e) {
        chain.addUnknown(number);
        findings.add(EngineInspector.goneOrUnreadable(files, directory, name, e));
      }
      read.add(number);
    }
  }

  /** What is wrong. */
  public List<Finding> findings() {
    return findings;
  }

  /** Whole records seen. */
  public long records() {
    return records;
  }

  /** Bytes of the files. */
  public long bytes() {
    return bytes;
  }

  private void one(String name, long number, WalChain chain) throws IOException {
    Reading reading = new Reading(name);
    RecordScan.Outcome outcome = RecordScan.scan(files, directory.resolve(name), reading);
    records += outcome.records();
    bytes += outcome.length();
    findings.addAll(RecordFileInspector.judge(outcome, name));
    long damaged =
        chain.add(
            number,
            reading.previous,
            reading.previousSyncedTo,
            outcome.firstGap() >= 0 ? outcome.firstGap() : outcome.length(),
            outcome.ended());
    if (damaged != 0 && reported.add(damaged)) {
      String broken = FileNames.Kind.WAL.name(damaged);
      findings.add(
          read.contains(damaged)
              ? new Finding(
                  Finding.Kind.DAMAGED,
                  broken,
                  Finding.WHOLE_FILE,
                  "is cut short: " + name + " says that more of it was durable")
              : EngineInspector.missing(broken, "but " + name + " follows it"));
    }
  }

  /** One file. */
  private final class Reading implements RecordScan.Visitor {
    private final String name;
    private long previous = -1;
    private long previousSyncedTo;

    Reading(String name) {
      this.name = name;
    }

    @Override
    public void header(byte[] header, boolean whole) {
      if (whole) {
        RecordFormat.FileHeader decoded =
            RecordFormat.FileHeader.decode(new ByteSource(header, 0, header.length, name));
        previous = decoded.previous();
        findings.addAll(RecordFileInspector.checkHeader(decoded, name));
      }
    }

    @Override
    public void record(long offset, byte[] record) {
      int type = RecordScan.header(record, name).type();
      if (type == RecordFormat.LINK) {
        int from = RecordFormat.RECORD_HEADER_BYTES;
        ByteSource payload = new ByteSource(record, from, record.length, name);
        if (payload.remaining() == RecordFormat.LINK_BYTES) {
          previousSyncedTo = Math.max(previousSyncedTo, payload.getLong("previousSyncedTo"));
        } else {
          String what = "a link of " + payload.remaining() + " bytes";
          findings.add(new Finding(Finding.Kind.DAMAGED, name, offset, what));
        }
      }
      if (type != RecordFormat.DATA) {
        return;
      }
      try {
        int from = RecordFormat.RECORD_HEADER_BYTES;
        batches.accept(BatchRecord.decode(new ByteSource(record, from, record.length, name)));
      } catch (StorageException e) {
        findings.add(TableFrame.finding(e, name, offset));
      }
    }

    @Override
    public void gap(long from, long to) {}
  }
}
