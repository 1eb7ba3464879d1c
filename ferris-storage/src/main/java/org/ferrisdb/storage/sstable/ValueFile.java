package org.ferrisdb.storage.sstable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.io.FileSystem;

/**
 * A value file part by part, for whom damage in one part is no reason not to look at the others.
 * Readers use {@link ValueFileReader}. {@link ValueFormat} draws the file. One thread.
 */
public final class ValueFile implements AutoCloseable {
  private final String name;
  private final FileSystem.ReadableFile file;
  private final long length;

  private ValueFile(String name, FileSystem.ReadableFile file, long length) {
    this.name = name;
    this.file = file;
    this.length = length;
  }

  /** Opens the file; looks at nothing but its length. */
  public static ValueFile open(FileSystem files, Path path) throws IOException {
    FileSystem.ReadableFile file = files.open(path);
    try {
      return new ValueFile(path.toString(), file, file.size());
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  /** Bytes of the file. */
  public long length() {
    return length;
  }

  /** Bytes before the first value. */
  public static int headerBytes() {
    return ValueFormat.HEADER_BYTES;
  }

  /** Where the footer begins; negative if the file is too short for one. */
  public long footerOffset() {
    return length - ValueFormat.FOOTER_BYTES;
  }

  /** Bytes as they are, fewer where the file ends. */
  public byte[] bytes(long offset, int count) throws IOException {
    return read(offset, (int) Math.max(0, Math.min(count, length - offset)));
  }

  /** Verifies the header. */
  public void header(ByteSource.Listener listener) throws IOException {
    byte[] bytes = read(0, ValueFormat.HEADER_BYTES);
    ByteSource source = new ByteSource(bytes, 0, bytes.length, name + " (header)").tell(listener);
    ValueFormat.checkHeader(source, bytes, name);
  }

  /** Reads and verifies the footer. */
  public ValueFormat.Footer footer(ByteSource.Listener listener) throws IOException {
    byte[] bytes = read(footerOffset(), ValueFormat.FOOTER_BYTES);
    ByteSource source = new ByteSource(bytes, 0, bytes.length, name + " (footer)").tell(listener);
    return ValueFormat.Footer.decode(source, bytes, name, length);
  }

  /** The index as it is stored, trailer included. */
  public byte[] framedIndex(ValueFormat.Footer footer) throws IOException {
    return read(footer.indexOffset(), footer.indexBytes());
  }

  /** Where the values begin, and behind the last one where they end; verifies the index. */
  public long[] offsets(ValueFormat.Footer footer) throws IOException {
    byte[] index = TableFormat.unframe(framedIndex(footer), footer.indexOffset(), name);
    return ValueFormat.offsets(index, footer, name);
  }

  /** A value as it is stored, trailer included. */
  public byte[] framed(long offset, int count) throws IOException {
    return read(offset, count);
  }

  /** Verifies a framed value and returns it. */
  public byte[] unframe(byte[] framed, long offset) {
    return TableFormat.unframe(framed, offset, name);
  }

  /** Tells the listener what a framed value consists of; offsets are those of the frame. */
  public void frame(byte[] framed, ByteSource.Listener listener) {
    TableFile.frame(framed, name, listener);
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
