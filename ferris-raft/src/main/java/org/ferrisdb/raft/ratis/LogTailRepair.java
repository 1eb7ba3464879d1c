package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts a torn last record off a Ratis log before Ratis reads it.
 *
 * <p>A segment being written is preallocated with zeros. A power cut can leave the beginning of the
 * last record there and zeros where the rest should be; Ratis then either refuses to start, or,
 * told to be lenient, drops everything behind the <em>first</em> bad record, acknowledged or not.
 * Here the two are told apart: only a record that nothing but zeros follows, and of which the last
 * disk sectors never arrived, is cut off. It was never flushed, so it was never acknowledged.
 * Anything else is left as it is, and Ratis refuses it: the replica is rebuilt from its peers.
 *
 * <p>One case can not be told apart, and is decided for the torn write, with a warning in the log:
 * the very last record, acknowledged, has a bit flipped and holds a whole sector of zeros in its
 * value. A power cut while writing is common, this is not; and what is lost is one copy of a record
 * that a majority has. Refusing would cost a rebuilt replica, and after a power cut of all machines
 * perhaps a majority, each time.
 *
 * <p>Ratis's format: 8 bytes {@code RaftLog1}, then records, then zeros.
 *
 * <pre>
 * record | length n as varint | LogEntryProto, n B | CRC32C of both u32 big-endian |
 * </pre>
 */
final class LogTailRepair {
  private static final Logger LOG = LoggerFactory.getLogger(LogTailRepair.class);
  private static final byte[] HEADER = "RaftLog1".getBytes(StandardCharsets.US_ASCII);
  private static final int SECTOR = 512;
  private static final int CHECKSUM_BYTES = 4;

  /** Larger segments are not looked at: they are not ours. */
  private static final long MAX_FILE_BYTES = 1L << 30;

  private LogTailRepair() {}

  /**
   * Prepares the log for Ratis, which takes everything it reads there for durable.
   *
   * <p>It is not: a process that was killed between writing and syncing leaves records that only
   * the page cache has. Syncing the segment being written is not enough: after a sync that failed
   * the kernel has given up on those pages and calls them clean, and nobody may have lived to tell.
   * So what is in it is written anew. Where there is no room for that, it is synced only, unless it
   * is known that a sync has failed.
   *
   * @param afterFailure whether this log has failed since the process started
   */
  static void prepare(Path current, int maxEntryBytes, boolean afterFailure) throws IOException {
    if (!Files.isDirectory(current)) {
      return;
    }
    try (DirectoryStream<Path> open = Files.newDirectoryStream(current, "log_inprogress_*")) {
      for (Path segment : open) {
        if (Files.size(segment) <= MAX_FILE_BYTES) {
          repairSegment(segment, maxEntryBytes);
          try {
            writeAnew(segment);
          } catch (IOException e) {
            if (afterFailure) {
              throw e;
            }
            LOG.warn("{}: can not be written anew, and is synced only", segment, e);
            try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.WRITE)) {
              channel.force(true);
            }
          }
        }
      }
    }
    DirectorySync.force(current);
  }

  private static void writeAnew(Path segment) throws IOException {
    byte[] bytes = Files.readAllBytes(segment);
    ByteBuffer used = ByteBuffer.wrap(bytes, 0, lastNonZero(bytes) + 1);
    boolean zerosBehind = used.limit() < bytes.length;
    // A name that Ratis does not take for a segment.
    Path aside = segment.resolveSibling("rewriting");
    try (FileChannel channel =
        FileChannel.open(
            aside,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      while (used.hasRemaining()) {
        channel.write(used);
      }
      if (zerosBehind) {
        channel.write(ByteBuffer.allocate(1), bytes.length - 1L);
      }
      channel.force(true);
    } catch (IOException e) {
      Files.deleteIfExists(aside);
      throw e;
    }
    Files.move(aside, segment, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void repairSegment(Path segment, int maxEntryBytes) throws IOException {
    byte[] bytes = Files.readAllBytes(segment);
    int torn = tornTail(bytes, maxEntryBytes);
    if (torn < 0) {
      return;
    }
    LOG.warn("{}: cutting off a torn record at byte {}", segment, torn);
    try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.WRITE)) {
      channel.truncate(torn);
      channel.force(true);
    }
  }

  /**
   * Looks for a torn record that may be cut off.
   *
   * @param bytes a whole segment
   * @return where it begins; -1 if there is none
   */
  static int tornTail(byte[] bytes, int maxEntryBytes) {
    if (bytes.length < HEADER.length
        || !new String(bytes, 0, HEADER.length, StandardCharsets.US_ASCII).equals("RaftLog1")) {
      return -1;
    }
    int at = HEADER.length;
    for (int end = endOfRecord(bytes, at); end > 0; end = endOfRecord(bytes, at)) {
      at = end;
    }
    int last = lastNonZero(bytes);
    if (last < at) {
      return -1; // nothing after the last good record
    }
    Length length = Length.read(bytes, at);
    if (length == null || length.value() > maxEntryBytes) {
      return -1;
    }
    int end = (int) Math.min(bytes.length, length.endOfRecord(at));
    boolean torn = last < end && endIsMissing(last, end);
    return torn && !lengthIsDamaged(bytes, at, last) && !holdsRecord(bytes, at + 1, last) ? at : -1;
  }

  /**
   * Counts the records of a segment.
   *
   * @return -1 if anything but whole and correct records and zeros behind them is in there
   */
  static int wholeRecords(byte[] bytes) {
    if (bytes.length < HEADER.length
        || !Arrays.equals(HEADER, Arrays.copyOf(bytes, HEADER.length))) {
      return lastNonZero(bytes) < 0 ? 0 : -1; // created, and nothing written yet
    }
    int at = HEADER.length;
    int records = 0;
    for (int end = endOfRecord(bytes, at); end > 0; end = endOfRecord(bytes, at)) {
      at = end;
      records++;
    }
    return lastNonZero(bytes) < at ? records : -1;
  }

  /**
   * The term of one record.
   *
   * @param bytes a whole segment
   * @param number of the record, from 0
   * @return -1 if there are not so many whole and correct records from the beginning on
   */
  static long termOf(byte[] bytes, long number) {
    if (bytes.length < HEADER.length
        || !Arrays.equals(HEADER, Arrays.copyOf(bytes, HEADER.length))) {
      return -1;
    }
    int at = HEADER.length;
    for (long i = 0; ; i++) {
      int end = endOfRecord(bytes, at);
      Length length = Length.read(bytes, at);
      if (end < 0 || length == null) {
        return -1;
      }
      if (i == number) {
        try {
          return LogEntryProto.parser()
              .parseFrom(bytes, at + length.bytes(), length.value())
              .getTerm();
        } catch (InvalidProtocolBufferException e) {
          return -1;
        }
      }
      at = end;
    }
  }

  /** A length and how many bytes it takes. */
  private record Length(int value, int bytes) {
    static @Nullable Length read(byte[] in, int at) {
      int value = 0;
      for (int i = 0; i < 5 && at + i < in.length; i++) {
        value |= (in[at + i] & 0x7F) << (7 * i);
        if (in[at + i] >= 0) {
          return value > 0 ? new Length(value, i + 1) : null;
        }
      }
      return null;
    }

    long endOfRecord(int at) {
      return (long) at + bytes + value + CHECKSUM_BYTES;
    }
  }

  /** Where the whole and correct record that begins here ends; -1 if there is none. */
  private static int endOfRecord(byte[] bytes, int at) {
    Length length = at < bytes.length ? Length.read(bytes, at) : null;
    if (length == null || length.endOfRecord(at) > bytes.length) {
      return -1;
    }
    int checked = length.bytes() + length.value();
    CRC32C crc = new CRC32C();
    crc.update(bytes, at, checked);
    boolean good = (int) crc.getValue() == ByteBuffer.wrap(bytes).getInt(at + checked);
    return good ? (int) length.endOfRecord(at) : -1;
  }

  private static int lastNonZero(byte[] bytes) {
    int last = bytes.length - 1;
    while (last >= 0 && bytes[last] == 0) {
      last--;
    }
    return last;
  }

  /**
   * Whether the record ends in zeros from a sector's beginning on, so that its end never arrived.
   * Zeros in its middle prove nothing: values may be made of them.
   */
  private static boolean endIsMissing(int lastNonZero, int recordEnd) {
    int firstMissing = (lastNonZero / SECTOR + 1) * SECTOR;
    return recordEnd - firstMissing > CHECKSUM_BYTES;
  }

  /**
   * Whether this is a whole record of which only the length is damaged: then the checksum before
   * the zeros is that of the record with its true length.
   */
  private static boolean lengthIsDamaged(byte[] bytes, int at, int lastNonZero) {
    // A checksum may itself end in zeros.
    for (int end = lastNonZero + 1; end <= lastNonZero + CHECKSUM_BYTES; end++) {
      for (int lengthBytes = 1; lengthBytes <= 5; lengthBytes++) {
        int body = end - CHECKSUM_BYTES - at - lengthBytes;
        if (body <= 0 || end > bytes.length) {
          continue;
        }
        CRC32C crc = new CRC32C();
        crc.update(varint(body));
        crc.update(bytes, at + lengthBytes, body);
        if ((int) crc.getValue() == ByteBuffer.wrap(bytes).getInt(end - CHECKSUM_BYTES)) {
          return true;
        }
      }
    }
    return false;
  }

  private static byte[] varint(int value) {
    byte[] out = new byte[5];
    int count = 0;
    int rest = value;
    for (; rest > 0x7F; rest >>>= 7) {
      out[count++] = (byte) (rest | 0x80);
    }
    out[count++] = (byte) rest;
    return Arrays.copyOf(out, count);
  }

  /**
   * Whether a good record begins anywhere in there: then what looked like one long torn record is a
   * damaged length, and what follows was acknowledged.
   */
  private static boolean holdsRecord(byte[] bytes, int from, int to) {
    for (int at = from; at <= to; at++) {
      Length length = Length.read(bytes, at);
      // An entry begins with its term: field 1, a varint.
      if (length != null
          && at + length.bytes() < bytes.length
          && bytes[at + length.bytes()] == 0x08
          && endOfRecord(bytes, at) > 0) {
        return true;
      }
    }
    return false;
  }
}
