package org.ferrisdb.storage.sstable;

import java.io.IOException;
import java.nio.file.Path;
import org.ferrisdb.storage.io.ByteSink;
import org.ferrisdb.storage.io.FileSystem;

/**
 * Writes one value file; {@link ValueFormat} draws it. The file is durable after {@link #finish},
 * its name once the directory is synced. One thread.
 */
public final class ValueFileWriter implements AutoCloseable {
  private static final int WRITE_BYTES = 256 << 10;

  private final FileSystem.WritableFile file;
  private final long number;
  private final BlockCompressor compressor;
  private final ByteSink out = new ByteSink(16 << 10);
  private final ByteSink lengths = new ByteSink(1 << 10);
  private final ByteSink reference = new ByteSink(32);
  private long written; // bytes that left `out`
  private int count;

  private ValueFileWriter(FileSystem.WritableFile file, long number, Compression compression) {
    this.file = file;
    this.number = number;
    this.compressor = new BlockCompressor(compression);
    ValueFormat.encodeHeader(out);
  }

  /**
   * Creates the file.
   *
   * @param number of the file, for the references to it
   */
  public static ValueFileWriter create(
      FileSystem files, Path path, long number, Compression compression) throws IOException {
    return new ValueFileWriter(files.create(path), number, compression);
  }

  /** Adds a value; returns a reference to it, which is good until the next call. */
  public ByteSink add(byte[] value, int offset, int length) throws IOException {
    Compression used = compressor.compress(value, offset, length);
    int start = out.size();
    if (used == Compression.NONE) {
      out.putBytes(value, offset, length);
    } else {
      out.putBytes(compressor.bytes(), 0, compressor.length());
    }
    out.putByte(used.code());
    int crc = out.crc32c(start);
    out.putInt(crc);
    return added(out.size() - start, length, crc);
  }

  /**
   * Adds a value as it is stored in another file, its checksum verified, or anew if it is
   * compressed in another way than this file is to be.
   *
   * @param from the reference to it there
   */
  public ByteSink addFramed(byte[] framed, ValueReference from) throws IOException {
    int code = framed[framed.length - TableFormat.TRAILER_BYTES];
    if (code != Compression.NONE.code() && code != compressor.wanted().code()) {
      byte[] raw = ValueFormat.unframe(framed, from);
      return add(raw, 0, raw.length);
    }
    out.putBytes(framed, 0, framed.length);
    return added(framed.length, from.rawLength(), from.crc());
  }

  private ByteSink added(int length, int rawLength, int crc) throws IOException {
    lengths.putInt(length);
    reference.reset();
    new ValueReference(number, count, rawLength, length, crc).encode(reference);
    count++;
    if (out.size() >= WRITE_BYTES) {
      writeOut();
    }
    return reference;
  }

  /** Number of the file. */
  public long number() {
    return number;
  }

  /** Bytes that the values take in the file, trailers included. */
  public long valueBytes() {
    return written + out.size() - ValueFormat.HEADER_BYTES;
  }

  /** Writes the rest and syncs the file; says how long it is, and what of it the values take. */
  public ValueUse finish() throws IOException {
    long values = valueBytes();
    long indexOffset = written + out.size();
    int start = out.size();
    out.putBytes(lengths.array(), 0, lengths.size()).putByte(Compression.NONE.code());
    out.putInt(out.crc32c(start));
    new ValueFormat.Footer(indexOffset, count).encode(out);
    writeOut();
    file.sync();
    return new ValueUse(number, written, values, values);
  }

  private void writeOut() throws IOException {
    written += out.size();
    file.append(out.toBuffer());
    out.reset();
  }

  @Override
  public void close() throws IOException {
    compressor.close();
    file.close();
  }
}
