package org.ferrisdb.storage.sstable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.io.FileSystem;

/**
 * A table file part by part, for whom damage in one part is no reason not to look at the others.
 * Readers use {@link SSTableReader}. {@link TableFormat} draws the file. One thread.
 */
public final class TableFile implements AutoCloseable {
  private final String name;
  private final FileSystem.ReadableFile file;
  private final long length;

  private TableFile(String name, FileSystem.ReadableFile file, long length) {
    this.name = name;
    this.file = file;
    this.length = length;
  }

  /** Opens the file; looks at nothing but its length. */
  public static TableFile open(FileSystem files, Path path) throws IOException {
    FileSystem.ReadableFile file = files.open(path);
    try {
      return new TableFile(path.toString(), file, file.size());
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  /** Bytes of the file. */
  public long length() {
    return length;
  }

  /** Bytes as they are, fewer where the file ends. */
  public byte[] bytes(long offset, int count) throws IOException {
    return read(offset, (int) Math.max(0, Math.min(count, length - offset)));
  }

  /** Where the footer begins; negative if the file is too short for one. */
  public long footerOffset() {
    return length - TableFormat.FOOTER_BYTES;
  }

  /** Bytes before the first block. */
  public static int headerBytes() {
    return TableFormat.HEADER_BYTES;
  }

  /** Verifies the header. */
  public void header(ByteSource.Listener listener) throws IOException {
    byte[] bytes = read(0, TableFormat.HEADER_BYTES);
    ByteSource source = new ByteSource(bytes, 0, bytes.length, name + " (header)").tell(listener);
    TableFormat.checkHeader(source, bytes, name);
  }

  /** Reads and verifies the footer. */
  public TableFormat.Footer footer(ByteSource.Listener listener) throws IOException {
    byte[] bytes = read(footerOffset(), TableFormat.FOOTER_BYTES);
    ByteSource source = new ByteSource(bytes, 0, bytes.length, name + " (footer)").tell(listener);
    return TableFormat.Footer.decode(source, bytes, name, footerOffset());
  }

  /** A block as it is stored, trailer included; it lies before the footer or it is corruption. */
  public byte[] framed(TableFormat.BlockHandle handle) throws IOException {
    if (handle.length() < TableFormat.TRAILER_BYTES
        || handle.offset() < TableFormat.HEADER_BYTES
        || handle.offset() > footerOffset() - handle.length()) {
      throw new StorageException.Corruption(
          "%s: block of %d bytes at offset %d, outside of the file's %d bytes"
              .formatted(name, handle.length(), handle.offset(), length));
    }
    return read(handle.offset(), handle.length());
  }

  /** Verifies a framed block and returns what it holds. */
  public byte[] unframe(byte[] framed, TableFormat.BlockHandle handle) {
    return TableFormat.unframe(framed, handle.offset(), name);
  }

  /** Tells the listener what a framed block consists of; offsets are those of the frame. */
  public void frame(byte[] framed, ByteSource.Listener listener) {
    frame(framed, name, listener);
  }

  static void frame(byte[] framed, String name, ByteSource.Listener listener) {
    ByteSource source = new ByteSource(framed, 0, framed.length, name).tell(listener);
    int payload = framed.length - TableFormat.TRAILER_BYTES;
    Compression compression = Compression.ofCode(compression(framed));
    if (compression == null || compression == Compression.NONE) {
      source.getBytes(Compression.NONE.content(), payload);
    } else if (payload < Compression.PREFIX_BYTES) {
      source.getBytes(compression.content(), payload);
    } else {
      source.getInt("raw length");
      source.getBytes(compression.content(), payload - Compression.PREFIX_BYTES);
    }
    trailer(source);
  }

  /** The same of the last five bytes alone. */
  public void trailer(byte[] framed, ByteSource.Listener listener) {
    int payload = framed.length - TableFormat.TRAILER_BYTES;
    trailer(new ByteSource(framed, payload, framed.length, name).tell(listener));
  }

  private static void trailer(ByteSource source) {
    source.getByte("compression");
    source.getInt("crc32c");
  }

  /** The byte of a framed block that says how it is compressed. */
  public static int compression(byte[] framed) {
    return framed[framed.length - TableFormat.TRAILER_BYTES] & 0xFF;
  }

  /** The handle that an entry of the index holds. */
  public TableFormat.BlockHandle handle(byte[] index, int valueOffset, int valueLength) {
    ByteSource value = new ByteSource(index, valueOffset, valueOffset + valueLength, name);
    return TableFormat.BlockHandle.decode(value, "block");
  }

  private byte[] read(long offset, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    if (offset < 0 || file.read(buffer, offset) != count) {
      throw new StorageException.Corruption(
          "%s: %d bytes long, ends within the %d bytes at offset %d"
              .formatted(name, length, count, Math.max(0, offset)));
    }
    return buffer.array();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
