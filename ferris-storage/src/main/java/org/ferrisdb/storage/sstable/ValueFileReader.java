package org.ferrisdb.storage.sstable;

import java.io.IOException;
import java.nio.file.Path;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.io.Bytes;
import org.ferrisdb.storage.io.FileSystem;

/**
 * An open value file; {@link ValueFormat} draws it. Where its values lie stays in memory while it
 * is open, eight bytes a value; values come and go with the {@link BlockPool}. A value's checksum
 * is verified when it is read from the file. Safe for many threads.
 */
public final class ValueFileReader extends CountedFile {
  private final String name;
  private final FileSystem.ReadableFile file;
  private final long[] offsets;

  private ValueFileReader(
      String name, FileSystem.ReadableFile file, BlockPool pool, long[] offsets) {
    super(file, pool, offsets.length - 1);
    this.name = name;
    this.file = file;
    this.offsets = offsets;
  }

  /** Opens the file and verifies its frame and index. */
  public static ValueFileReader open(
      FileSystem files, Path path, long expectedLength, BlockPool pool) {
    String name = path.toString();
    FileSystem.ReadableFile file;
    try {
      file = files.open(path);
    } catch (IOException e) {
      throw new StorageException.IoFailure(name + ": can not be opened: " + e.getMessage(), e);
    }
    try {
      long length = file.size();
      if (length != expectedLength) {
        throw new StorageException.Corruption(
            name + ": ends at offset " + length + ", should at offset " + expectedLength);
      }
      return new ValueFileReader(name, file, pool, offsets(file, length, name));
    } catch (IOException e) {
      close(file);
      throw new StorageException.IoFailure(name + ": " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      close(file);
      throw e;
    }
  }

  private static long[] offsets(FileSystem.ReadableFile file, long length, String name)
      throws IOException {
    if (length < ValueFormat.HEADER_BYTES + ValueFormat.FOOTER_BYTES) {
      throw new StorageException.Corruption(
          name + ": " + length + " bytes, too short for a value file");
    }
    byte[] header = SSTableReader.read(file, name, 0, ValueFormat.HEADER_BYTES);
    ValueFormat.checkHeader(source(header, name + " (header)"), header, name);
    byte[] end =
        SSTableReader.read(file, name, length - ValueFormat.FOOTER_BYTES, ValueFormat.FOOTER_BYTES);
    ValueFormat.Footer footer =
        ValueFormat.Footer.decode(source(end, name + " (footer)"), end, name, length);
    byte[] framed = SSTableReader.read(file, name, footer.indexOffset(), footer.indexBytes());
    byte[] index = TableFormat.unframe(framed, footer.indexOffset(), name);
    return ValueFormat.offsets(index, footer, name);
  }

  private static ByteSource source(byte[] bytes, String name) {
    return new ByteSource(bytes, 0, bytes.length, name);
  }

  /** How many values it holds. */
  public int count() {
    return offsets.length - 1;
  }

  /** The value, which is shared: nobody changes it. */
  public byte[] get(ValueReference reference, boolean fillCache) {
    int ordinal = require(reference);
    ResidentBlock resident = resident(ordinal, fillCache);
    byte[] value;
    int crc;
    if (resident != null) {
      value = resident.value;
      crc = resident.crc;
    } else {
      byte[] framed = read(ordinal);
      value = TableFormat.unframe(framed, offsets[ordinal], name);
      crc = Bytes.getInt(framed, framed.length - 4);
      if (fillCache) {
        keep(new ResidentBlock(value, crc, slots(), ordinal), ordinal);
      }
    }
    if (crc != reference.crc() || value.length != reference.rawLength()) {
      throw mismatch(ordinal);
    }
    return value;
  }

  /** The value as it is stored, trailer included, its checksum verified; past the cache. */
  public byte[] framed(ValueReference reference) {
    int ordinal = require(reference);
    byte[] framed = read(ordinal);
    int crc = Bytes.getInt(framed, framed.length - 4);
    if (crc != Bytes.crc32c(framed, 0, framed.length - 4)) {
      throw new StorageException.Corruption(
          name + ": value at offset " + offsets[ordinal] + " does not match its checksum");
    }
    if (crc != reference.crc()) {
      throw mismatch(ordinal);
    }
    return framed;
  }

  /** Reads every value and verifies its checksum. */
  public void verify() {
    for (int i = 0; i < count(); i++) {
      var _ = TableFormat.unframe(read(i), offsets[i], name);
    }
  }

  private int require(ValueReference reference) {
    int ordinal = reference.ordinal();
    if (ordinal >= count()) {
      throw new StorageException.Corruption(
          "%s: has %d values up to offset %d, a table refers to number %d"
              .formatted(name, count(), offsets[count()], ordinal));
    }
    if (offsets[ordinal + 1] - offsets[ordinal] != reference.storedLength()) {
      throw mismatch(ordinal);
    }
    return ordinal;
  }

  private byte[] read(int ordinal) {
    long offset = offsets[ordinal];
    try {
      return SSTableReader.read(file, name, offset, (int) (offsets[ordinal + 1] - offset));
    } catch (IOException e) {
      throw new StorageException.IoFailure(
          name + ": value at offset " + offset + ": " + e.getMessage(), e);
    }
  }

  private StorageException.Corruption mismatch(int ordinal) {
    return new StorageException.Corruption(
        name + ": value at offset " + offsets[ordinal] + " is not the one that a table refers to");
  }
}
