package org.ferrisdb.storage.inspect;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.inspect.Finding.Kind;
import org.ferrisdb.storage.inspect.TableFrame.IndexEntry;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.key.EntryOrder;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.sstable.BlockContents;
import org.ferrisdb.storage.sstable.BloomFilter;
import org.ferrisdb.storage.sstable.SSTableReader;
import org.ferrisdb.storage.sstable.TableFile;
import org.ferrisdb.storage.sstable.TableFormat.BlockHandle;
import org.ferrisdb.storage.sstable.TableFormat.Footer;
import org.ferrisdb.storage.sstable.TableProperties;
import org.ferrisdb.storage.sstable.ValueReference;
import org.jspecify.annotations.Nullable;

/**
 * Reads all of a table and compares everything in it with everything else: checksums, the order of
 * entries, index and filter with the blocks, properties with what is counted. One run per object.
 */
public final class TableVerifier {
  private final TableFrame frame;
  private final Values values;
  private final Findings findings;
  private byte[] lastKey = new byte[0];
  private int lastKeyLength = -1;
  private long lastTimestamp;
  private long entries;
  private long tombstones;
  private long keys;
  private long minTimestamp = Long.MAX_VALUE;
  private long maxTimestamp;
  private byte[] smallest = new byte[0];
  private final Map<Long, Long> valueBytes = new HashMap<>();
  private boolean complete = true;

  private TableVerifier(TableFrame frame, Values values) {
    this.frame = frame;
    this.values = values;
    this.findings = new Findings(frame.name);
  }

  /** Knows what lies apart. */
  public interface Values {
    /** Nothing is asked of values that lie apart. */
    Values UNASKED = reference -> null;

    /** Why a reference leads to no whole value, to follow the file's name; null if it does. */
    @Nullable String problem(ValueReference reference);
  }

  /**
   * What was found.
   *
   * @param findings what is wrong
   * @param length of the file in bytes
   * @param entries entries that could be read
   * @param properties what the table says of itself; only to be used if nothing is wrong
   */
  public record Result(
      List<Finding> findings, long length, long entries, @Nullable TableProperties properties) {}

  /** Verifies the file, and that its references to values lead somewhere. */
  public static Result verify(FileSystem files, Path path, Values values) throws IOException {
    try (TableFile file = TableFile.open(files, path)) {
      TableVerifier verifier = new TableVerifier(TableFrame.read(file, path), values);
      verifier.run();
      List<Finding> all = new ArrayList<>(verifier.frame.findings);
      all.addAll(verifier.findings.all());
      return new Result(all, file.length(), verifier.entries, verifier.frame.properties);
    }
  }

  private void run() throws IOException {
    extents();
    for (int ordinal = 0; ordinal < frame.index.size(); ordinal++) {
      block(ordinal);
    }
    if (complete && frame.findings.isEmpty()) {
      counts();
    }
  }

  /** Header, blocks and footer lie one behind the other: no byte is without a checksum. */
  private void extents() {
    Footer footer = frame.footer;
    if (footer == null || (frame.index.isEmpty() && footer.ranges().length() == 0)) {
      return;
    }
    List<BlockHandle> handles =
        new ArrayList<>(List.of(footer.index(), footer.filter(), footer.properties()));
    if (footer.ranges().length() > 0) {
      handles.add(footer.ranges());
    }
    frame.index.forEach(e -> handles.add(e.handle()));
    handles.sort(Comparator.comparingLong(BlockHandle::offset));
    long at = TableFile.headerBytes();
    for (BlockHandle handle : handles) {
      if (handle.offset() != at) {
        findings.add(Kind.INDEX, at, "the next block begins at " + handle.offset());
      }
      at = handle.offset() + handle.length();
    }
    if (at != frame.file.footerOffset()) {
      findings.add(Kind.INDEX, at, "the last block ends here, not where the footer begins");
    }
  }

  private void block(int ordinal) throws IOException {
    IndexEntry entry = frame.index.get(ordinal);
    long at = entry.handle().offset();
    long before = entries;
    Finding damage =
        TableFrame.tryStep(
            frame.name,
            at,
            () -> {
              byte[] raw = frame.raw(entry.handle());
              BlockContents.decode(
                  raw,
                  frame.name,
                  TableFrame.NOBODY,
                  (_, _, key, length, tag, valueAt, valueLength, apart) -> {
                    entry(key, length, tag, at);
                    if (apart) {
                      reference(ValueReference.decode(raw, valueAt, valueLength), at);
                    }
                  });
            });
    if (damage != null) {
      complete = false;
      findings.add(damage.kind(), damage.offset(), damage.message());
      return;
    }
    if (entries == before) {
      findings.add(Kind.INDEX, at, "block " + ordinal + " is empty");
    } else if (lastTimestamp != EntryOrder.timestamp(entry.tag())
        || !Arrays.equals(lastKey, 0, lastKeyLength, entry.key(), 0, entry.key().length)) {
      findings.add(
          Kind.INDEX,
          at,
          "block %d ends with %s @%d, the index says %s @%d"
              .formatted(
                  ordinal,
                  EscapedKey.of(lastKey, lastKeyLength),
                  lastTimestamp,
                  EscapedKey.of(entry.key()),
                  EntryOrder.timestamp(entry.tag())));
    }
  }

  private void entry(byte[] key, int length, long tag, long at) {
    long timestamp = EntryOrder.timestamp(tag);
    boolean first = lastKeyLength < 0;
    boolean newKey = first || !Arrays.equals(lastKey, 0, lastKeyLength, key, 0, length);
    if (!first
        && EntryOrder.compare(lastKey, lastKeyLength, lastTimestamp, key, length, timestamp) >= 0) {
      findings.add(
          Kind.OUT_OF_ORDER,
          at,
          "%s @%d comes after %s @%d"
              .formatted(
                  EscapedKey.of(key, length),
                  timestamp,
                  EscapedKey.of(lastKey, lastKeyLength),
                  lastTimestamp));
    }
    if (newKey) {
      keys++;
      newKey(key, length, at, first);
    }
    entries++;
    tombstones += EntryOrder.kind(tag) == EntryKind.TOMBSTONE ? 1 : 0;
    lastTimestamp = timestamp;
    minTimestamp = Math.min(minTimestamp, timestamp);
    maxTimestamp = Math.max(maxTimestamp, timestamp);
    TableProperties properties = frame.properties;
    if (properties != null
        && (timestamp < properties.minTimestamp() || timestamp > properties.maxTimestamp())) {
      findings.add(
          Kind.OUT_OF_BOUNDS,
          at,
          "%s @%d is outside of the properties' timestamps %d to %d"
              .formatted(
                  EscapedKey.of(key, length),
                  timestamp,
                  properties.minTimestamp(),
                  properties.maxTimestamp()));
    }
  }

  /** Of a value that lies apart: what the table uses of which file, and whether it is there. */
  private void reference(ValueReference reference, long at) {
    valueBytes.merge(reference.file(), (long) reference.storedLength(), Long::sum);
    String problem = values.problem(reference);
    if (problem != null) {
      findings.add(
          Kind.DAMAGED,
          at,
          "%s @%d refers to value %d of %s, %s"
              .formatted(
                  EscapedKey.of(lastKey, lastKeyLength),
                  lastTimestamp,
                  reference.ordinal(),
                  FileNames.Kind.VALUES.name(reference.file()),
                  problem));
    }
  }

  private void newKey(byte[] key, int length, long at, boolean first) {
    if (lastKey.length < length) {
      lastKey = new byte[2 * length];
    }
    System.arraycopy(key, 0, lastKey, 0, length);
    lastKeyLength = length;
    byte[] copy = Arrays.copyOf(key, length);
    smallest = first ? copy : smallest;
    BloomFilter filter = frame.filter;
    if (filter != null && !filter.mayContain(SSTableReader.hash(copy))) {
      findings.add(Kind.FILTER, at, "the filter says that " + EscapedKey.of(copy) + " is not here");
    }
    TableProperties properties = frame.properties;
    if (properties != null
        && (Arrays.compareUnsigned(copy, properties.smallest()) < 0
            || Arrays.compareUnsigned(copy, properties.end()) >= 0)) {
      findings.add(
          Kind.OUT_OF_BOUNDS,
          at,
          "%s is outside of the properties' %s to before %s"
              .formatted(
                  EscapedKey.of(copy),
                  EscapedKey.of(properties.smallest()),
                  EscapedKey.of(properties.end())));
    }
  }

  /** The numbers in the properties. */
  private void counts() {
    TableProperties p = frame.properties;
    Footer footer = frame.footer;
    if (p == null || footer == null) {
      return;
    }
    long at = footer.properties().offset();
    count(at, "entries", p.entries(), entries);
    count(at, "tombstones", p.tombstones(), tombstones);
    count(at, "keys", p.keys(), keys);
    count(at, "ranges", p.ranges(), frame.ranges.count());
    Map<Long, Long> said = new HashMap<>();
    p.values().forEach(use -> said.merge(use.file(), use.bytes(), Long::sum));
    if (!said.equals(valueBytes)) {
      findings.add(
          Kind.WRONG_COUNT,
          at,
          "bytes used of value files: the properties say %s, the blocks %s"
              .formatted(new TreeMap<>(said), new TreeMap<>(valueBytes)));
    }
    byte[] end = entries > 0 ? KeyRange.successor(lastKey, lastKeyLength) : null;
    if (!frame.ranges.isEmpty()) {
      frame.ranges.forEach((_, _, timestamp) -> {
        minTimestamp = Math.min(minTimestamp, timestamp);
        maxTimestamp = Math.max(maxTimestamp, timestamp);
      });
      byte[] first = frame.ranges.smallest();
      byte[] last = frame.ranges.end();
      smallest = end == null || Arrays.compareUnsigned(first, smallest) < 0 ? first : smallest;
      end = end == null || Arrays.compareUnsigned(last, end) > 0 ? last : end;
    }
    if (end != null) {
      count(at, "minTimestamp", p.minTimestamp(), minTimestamp);
      count(at, "maxTimestamp", p.maxTimestamp(), maxTimestamp);
      border(at, "smallest", p.smallest(), smallest);
      border(at, "end", p.end(), end);
    }
  }

  private void count(long at, String what, long said, long counted) {
    if (said != counted) {
      findings.add(
          Kind.WRONG_COUNT,
          at,
          "%s: the properties say %d, the blocks %d".formatted(what, said, counted));
    }
  }

  private void border(long at, String what, byte[] said, byte[] found) {
    if (!Arrays.equals(said, found)) {
      findings.add(
          Kind.OUT_OF_BOUNDS,
          at,
          "%s: the properties say %s, the blocks %s"
              .formatted(what, EscapedKey.of(said), EscapedKey.of(found)));
    }
  }
}
