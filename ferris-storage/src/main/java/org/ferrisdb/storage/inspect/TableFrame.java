package org.ferrisdb.storage.inspect;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.key.EntryOrder;
import org.ferrisdb.storage.key.RangeTombstones;
import org.ferrisdb.storage.sstable.BlockContents;
import org.ferrisdb.storage.sstable.BloomFilter;
import org.ferrisdb.storage.sstable.TableFile;
import org.ferrisdb.storage.sstable.TableFormat;
import org.ferrisdb.storage.sstable.TableProperties;
import org.jspecify.annotations.Nullable;

/**
 * What of a table's frame could be read: all of it, or less where it is damaged. Two sides use it:
 * the inspector, which shows the parts, and the verifier, which compares them.
 */
final class TableFrame {
  static final ByteSource.Listener NOBODY = new PartBuilder.Fields(false, new byte[0], 0);

  /** An entry of the index: a data block, and the last key in it. */
  @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
  record IndexEntry(byte[] key, long tag, TableFormat.BlockHandle handle) {}

  final TableFile file;
  final String name;
  final List<IndexEntry> index = new ArrayList<>();
  final List<Finding> findings = new ArrayList<>();
  TableFormat.@Nullable Footer footer;
  @Nullable BloomFilter filter;
  @Nullable TableProperties properties;
  RangeTombstones ranges = RangeTombstones.EMPTY;

  private TableFrame(TableFile file, String name) {
    this.file = file;
    this.name = name;
  }

  /** Something of the file that may be damaged. */
  interface Step {
    void run() throws IOException;
  }

  /** Reads what can be read; what can not is in {@link #findings}. */
  static TableFrame read(TableFile file, Path path) throws IOException {
    TableFrame frame = new TableFrame(file, String.valueOf(path.getFileName()));
    frame.attempt(0, () -> file.header(NOBODY));
    frame.attempt(file.footerOffset(), () -> frame.footer = file.footer(NOBODY));
    TableFormat.Footer footer = frame.footer;
    if (footer != null) {
      frame.attempt(
          footer.filter().offset(),
          () ->
              frame.filter =
                  BloomFilter.decode(
                      frame.raw(footer.filter()), frame.name, footer.filter().offset()));
      frame.attempt(
          footer.properties().offset(),
          () -> {
            byte[] raw = frame.raw(footer.properties());
            frame.properties =
                TableProperties.decode(new ByteSource(raw, 0, raw.length, frame.name));
          });
      if (footer.ranges().length() > 0) {
        frame.attempt(footer.ranges().offset(), () -> frame.readRanges(footer.ranges()));
      }
      frame.attempt(footer.index().offset(), () -> frame.readIndex(footer.index()));
    }
    return frame;
  }

  private void readIndex(TableFormat.BlockHandle handle) throws IOException {
    byte[] raw = raw(handle);
    BlockContents.decode(
        raw,
        name,
        NOBODY,
        (_, _, key, keyLength, tag, valueOffset, valueLength, _) ->
            index.add(
                new IndexEntry(
                    Arrays.copyOf(key, keyLength),
                    tag,
                    file.handle(raw, valueOffset, valueLength))));
  }

  private void readRanges(TableFormat.BlockHandle handle) throws IOException {
    byte[] raw = raw(handle);
    RangeTombstones.Builder builder = new RangeTombstones.Builder();
    int _ =
        BlockContents.decode(
            raw,
            name,
            NOBODY,
            (_, _, key, keyLength, tag, valueOffset, valueLength, _) -> {
              byte[] from = Arrays.copyOf(key, keyLength);
              byte[] to = Arrays.copyOfRange(raw, valueOffset, valueOffset + valueLength);
              if (!builder.add(from, to, EntryOrder.timestamp(tag))) {
                throw new StorageException.Corruption(
                    name
                        + ": range tombstones out of order, in the block at offset "
                        + handle.offset());
              }
            });
    ranges = builder.build();
  }

  byte[] raw(TableFormat.BlockHandle handle) throws IOException {
    return file.unframe(file.framed(handle), handle);
  }

  private void attempt(long offset, Step step) throws IOException {
    Finding finding = tryStep(name, offset, step);
    if (finding != null) {
      findings.add(finding);
    }
  }

  /** Runs it; what is wrong if it says so, null if all is well. */
  static @Nullable Finding tryStep(String name, long offset, Step step) throws IOException {
    try {
      step.run();
      return null;
    } catch (StorageException e) {
      return finding(e, name, Math.max(0, offset));
    }
  }

  /** The exception as a finding; the file's name is not said twice. */
  static Finding finding(StorageException e, String name, long offset) {
    Finding.Kind kind =
        e instanceof StorageException.UnknownVersion
            ? Finding.Kind.UNKNOWN_VERSION
            : Finding.Kind.DAMAGED;
    String message = String.valueOf(e.getMessage());
    int at = message.indexOf(name);
    int colon = at < 0 ? -1 : message.indexOf(": ", at);
    return new Finding(kind, name, offset, colon < 0 ? message : message.substring(colon + 2));
  }
}
