package org.ferrisdb.storage.inspect;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.key.EntryOrder;
import org.ferrisdb.storage.sstable.Compression;
import org.ferrisdb.storage.wal.RecordFormat;

/** Gathers a {@link Part}. One thread. */
final class PartBuilder {
  private final String kind;
  private final long offset;
  private final long length;
  private boolean decompressed;
  private final List<Fact> facts = new ArrayList<>();
  private final List<Field> fields = new ArrayList<>();
  private final List<Part> parts = new ArrayList<>();
  private final List<Finding> findings = new ArrayList<>();

  PartBuilder(String kind, long offset, long length) {
    this.kind = kind;
    this.offset = offset;
    this.length = length;
  }

  PartBuilder inDecompressed(boolean is) {
    decompressed = is;
    return this;
  }

  PartBuilder number(String name, long value) {
    facts.add(new Fact.Count(name, value));
    return this;
  }

  PartBuilder word(String name, String value) {
    facts.add(new Fact.Word(name, value));
    return this;
  }

  PartBuilder flag(String name, boolean value) {
    facts.add(new Fact.Flag(name, value));
    return this;
  }

  PartBuilder data(String name, byte[] value) {
    facts.add(new Fact.Data(name, value));
    return this;
  }

  /** Timestamp and kind of an entry. */
  PartBuilder tag(long tag) {
    return number("timestamp", EntryOrder.timestamp(tag)).word("entryKind", kindOf(tag));
  }

  PartBuilder part(Part part) {
    parts.add(part);
    return this;
  }

  PartBuilder finding(Finding finding) {
    findings.add(finding);
    return this;
  }

  PartBuilder fields(List<Field> more) {
    fields.addAll(more);
    return this;
  }

  /** Where the part begins in the file. */
  long offset() {
    return offset;
  }

  Part build() {
    return new Part(
        kind,
        offset,
        length,
        decompressed,
        List.copyOf(facts),
        List.copyOf(fields),
        List.copyOf(parts),
        List.copyOf(findings));
  }

  private static String kindOf(long tag) {
    return EntryOrder.kind(tag) == EntryKind.PUT ? "put" : "tombstone";
  }

  /** Turns what a decoder reads into fields; does nothing unless they are wanted. */
  static final class Fields implements ByteSource.Listener {
    private static final Set<String> OPAQUE =
        Set.of("bits", Compression.LZ4.content(), Compression.ZSTD.content());

    private final boolean wanted;
    private final byte[] array;
    private final long base;
    private boolean decompressed;
    private List<Field> gathered = new ArrayList<>();

    /** The array's first byte is at the offset {@code base}. */
    Fields(boolean wanted, byte[] array, long base) {
      this.wanted = wanted;
      this.array = array;
      this.base = base;
    }

    /** Whether the array is no piece of the file, but what a compressed block holds. */
    void inDecompressed(boolean is) {
      decompressed = is;
    }

    /** A part that begins there in the array. */
    PartBuilder part(String kind, int from, int length) {
      return new PartBuilder(kind, base + from, length).inDecompressed(decompressed);
    }

    /** What was gathered since the last call. */
    List<Field> take() {
      List<Field> taken = gathered;
      gathered = new ArrayList<>();
      return taken;
    }

    /** The same with what is to be said of the checksum among them. */
    List<Field> take(boolean checksumRight) {
      return take().stream()
          .map(f ->
              f.name().equals("crc32c")
                  ? new Field(
                      f.offset(),
                      f.bytes(),
                      f.length(),
                      f.name(),
                      f.meaning() + (checksumRight ? ", right" : ", WRONG"))
                  : f)
          .toList();
    }

    @Override
    public void number(String field, int from, int to, long value) {
      if (wanted) {
        add(field, from, to, meaning(field, value));
      }
    }

    @Override
    public void bytes(String field, int from, int to) {
      if (wanted) {
        byte[] shown = Arrays.copyOfRange(array, from, Math.min(to, from + Field.SHOWN_BYTES));
        String text = EscapedKey.of(shown);
        boolean opaque = OPAQUE.contains(field);
        add(field, from, to, opaque ? (to - from) + " bytes" : '"' + text + '"');
      }
    }

    private void add(String field, int from, int to, String meaning) {
      byte[] shown = Arrays.copyOfRange(array, from, Math.min(to, from + Field.SHOWN_BYTES));
      gathered.add(new Field(base + from, shown, to - from, field, meaning));
    }

    private static String meaning(String field, long value) {
      return switch (field) {
        case "crc32c" -> String.format(Locale.ROOT, "%08x", (int) value);
        case "tag" -> "timestamp " + EntryOrder.timestamp(value) + ", " + kindOf(value);
        case "shared" -> (value >>> 1) + ((value & 1) == 0 ? "" : ", value apart");
        case "compression" -> value + ", " + compression((int) value);
        case "type" -> value + ", " + type((int) value);
        default -> Long.toUnsignedString(value);
      };
    }
  }

  static String compression(int code) {
    Compression known = Compression.ofCode(code);
    return known == null ? "unknown " + code : known.title();
  }

  static String type(int code) {
    return switch (code) {
      case RecordFormat.DATA -> "data";
      case RecordFormat.END -> "end";
      case RecordFormat.MARK -> "mark";
      case RecordFormat.LINK -> "link";
      default -> "unknown " + code;
    };
  }
}
