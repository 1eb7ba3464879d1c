package org.ferrisdb.storage.inspect;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.ferrisdb.storage.io.Bytes;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.sstable.ValueFile;
import org.ferrisdb.storage.sstable.ValueFormat;
import org.ferrisdb.storage.sstable.ValueReference;
import org.jspecify.annotations.Nullable;

/** Reads all of a value file and verifies every checksum in it. One run per object. */
public final class ValueFileVerifier {
  private static final int DAMAGED = -1;

  private final ValueFile file;
  private final String name;
  private final Findings findings;
  private long @Nullable [] offsets;
  private int[] crcs = {};
  private int[] rawLengths = {};

  private ValueFileVerifier(ValueFile file, String name) {
    this.file = file;
    this.name = name;
    this.findings = new Findings(name);
  }

  /** What was found. */
  public static final class Result {
    private final ValueFileVerifier of;
    private final long length;

    private Result(ValueFileVerifier of, long length) {
      this.of = of;
      this.length = length;
    }

    /** What is wrong. */
    public List<Finding> findings() {
      return of.findings.all();
    }

    /** Bytes of the file. */
    public long length() {
      return length;
    }

    /** Bytes that the values take; 0 if that can not be known. */
    public long valueBytes() {
      long[] at = of.offsets;
      return at == null ? 0 : at[at.length - 1] - at[0];
    }

    /** How many values there are; 0 if that can not be known. */
    public int values() {
      return of.crcs.length;
    }

    /** Why a reference leads to no whole value of this file; null if it does. */
    public @Nullable String problem(ValueReference reference) {
      long[] at = of.offsets;
      int ordinal = reference.ordinal();
      if (at == null) {
        return "which is damaged";
      }
      if (ordinal >= values()) {
        return "which has " + values();
      }
      if (of.rawLengths[ordinal] == DAMAGED) {
        return "which is damaged there";
      }
      return of.crcs[ordinal] == reference.crc()
              && of.rawLengths[ordinal] == reference.rawLength()
              && at[ordinal + 1] - at[ordinal] == reference.storedLength()
          ? null
          : "which is another";
    }
  }

  /** Verifies the file. */
  public static Result verify(FileSystem files, Path path) throws IOException {
    try (ValueFile file = ValueFile.open(files, path)) {
      ValueFileVerifier verifier = new ValueFileVerifier(file, String.valueOf(path.getFileName()));
      verifier.run();
      return new Result(verifier, file.length());
    }
  }

  private void run() throws IOException {
    attempt(0, () -> file.header(TableFrame.NOBODY));
    attempt(file.footerOffset(), () -> index(file.footer(TableFrame.NOBODY)));
    long[] at = offsets;
    if (at == null) {
      return;
    }
    crcs = new int[at.length - 1];
    rawLengths = new int[at.length - 1];
    for (int i = 0; i < crcs.length; i++) {
      value(i, at[i], (int) (at[i + 1] - at[i]));
    }
  }

  private void index(ValueFormat.Footer footer) throws IOException {
    attempt(footer.indexOffset(), () -> offsets = file.offsets(footer));
  }

  private void value(int ordinal, long offset, int length) throws IOException {
    rawLengths[ordinal] = DAMAGED;
    attempt(
        offset,
        () -> {
          byte[] framed = file.framed(offset, length);
          crcs[ordinal] = Bytes.getInt(framed, framed.length - 4);
          rawLengths[ordinal] = file.unframe(framed, offset).length;
        });
  }

  private void attempt(long offset, TableFrame.Step step) throws IOException {
    Finding finding = TableFrame.tryStep(name, offset, step);
    if (finding != null) {
      findings.add(finding.kind(), finding.offset(), finding.message());
    }
  }
}
