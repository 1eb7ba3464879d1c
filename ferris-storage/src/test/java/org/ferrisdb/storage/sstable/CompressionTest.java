package org.ferrisdb.storage.sstable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a block is compressed to, and what of that is believed. */
final class CompressionTest {
  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits.replace(" ", ""));
  }

  private static byte[] decompress(Compression compression, byte[] stored) {
    return compression.decompress(stored, stored.length, "file", 16);
  }

  private static byte[] pack(BlockCompressor compressor, byte[] raw, Compression expected) {
    assertThat(compressor.compress(raw, 0, raw.length)).isEqualTo(expected);
    return Arrays.copyOf(compressor.bytes(), compressor.length());
  }

  /** Half of it repeats. */
  private static byte[] halfRandom(Random random, int length) {
    byte[] raw = new byte[length];
    random.nextBytes(raw);
    for (int i = 0; i < length; i++) {
      raw[i] = i / 8 % 2 == 0 ? raw[i] : (byte) (i >>> 6);
    }
    return raw;
  }

  // ---- round trips

  @ParameterizedTest
  @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void one_compressor_packs_blocks_of_all_sizes_and_they_come_back(Compression compression) {
    Random random = Seeds.random("compression " + compression, 77);
    try (BlockCompressor compressor = new BlockCompressor(compression)) {
      for (int i = 0; i < 200; i++) {
        byte[] raw = halfRandom(random, 200 + random.nextInt(1 << random.nextInt(8, 18)));
        assertThat(decompress(compression, pack(compressor, raw, compression))).isEqualTo(raw);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void what_does_not_shrink_by_an_eighth_is_stored_as_it_is(Compression compression) {
    byte[] raw = new byte[4_000];
    new Random(3).nextBytes(raw);
    Arrays.fill(raw, 0, 400, (byte) 7);
    try (BlockCompressor compressor = new BlockCompressor(compression)) {
      assertThat(compressor.compress(raw, 0, raw.length)).isEqualTo(Compression.NONE);
      assertThat(compressor.compress(raw, 0, 0)).isEqualTo(Compression.NONE);
      Arrays.fill(raw, 0, 900, (byte) 7);
      assertThat(compressor.compress(raw, 0, raw.length)).isEqualTo(compression);
    }
  }

  /** All at once, so that those out of the pool go around and some are made beyond it. */
  @Test
  void many_threads_decompress_zstd_at_once() throws Exception {
    Random random = Seeds.random("zstd threads", 5);
    List<byte[]> raws = new ArrayList<>();
    List<byte[]> packed = new ArrayList<>();
    try (BlockCompressor compressor = new BlockCompressor(Compression.ZSTD)) {
      for (int i = 0; i < 50; i++) {
        raws.add(halfRandom(random, 4_000 + random.nextInt(500)));
        packed.add(pack(compressor, raws.getLast(), Compression.ZSTD));
      }
    }
    try (ExecutorService pool = Executors.newFixedThreadPool(16)) {
      List<Future<?>> readers = new ArrayList<>();
      for (int reader = 0; reader < 16; reader++) {
        int first = reader;
        readers.add(
            pool.submit(() -> {
              for (int i = 0; i < 2_000; i++) {
                int at = (first + i) % raws.size();
                assertThat(decompress(Compression.ZSTD, packed.get(at))).isEqualTo(raws.get(at));
              }
            }));
      }
      for (Future<?> reader : readers) {
        reader.get();
      }
    }
  }

  // ---- the drawing

  /** Made by hand from the drawing of {@link ZstdFrames}: a part of each simple type. */
  @Test
  void a_frame_that_follows_the_drawing_is_read() {
    byte[] stored =
        hex(
            "00000130" // raw length: 304
                + "00 00" // descriptor, window of 1 KiB
                + "200000 74657374" // not the last, as they are, 4: "test"
                + "630900 61"); // the last, one byte, 300 times: "a"
    assertThat(EngineModel.text(decompress(Compression.ZSTD, stored)))
        .isEqualTo("test" + "a".repeat(300));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", // nothing
        "000001", // no length
        "00000005", // no frame
        "0000012f 0000 200000 74657374 630900 61", // one more than it says
        "00000131 0000 200000 74657374 630900 61", // one less
        "00000130 0000 200000 74657374 630900", // cut
        "00000130 0000 200000 74657374 660900 61", // of a type that is reserved
        "00000130 0000 200000 74657374 630900 61 00", // more behind it
        "0000012c 2c01 0000 630900 61", // with length
        "0000012c 0100 05 630900 61", // of a dictionary
        "0000012c 0400 630900 61 00000000", // with a wrong checksum
        "0000012c 28b52ffd 0000 630900 61", // with its magic number
        "00000004 502a4d18 00000000 0000 210000 74657374", // a frame to be skipped before it
        "00000100 25b52ffd 00 400000 00", // of before the first release
        "7fffffff 0000 630900 61", // a bomb
        "ffffffff 0000 630900 61",
      })
  void what_is_no_such_frame_is_corruption(String digits) {
    byte[] stored = hex(digits);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThatThrownBy(() -> decompress(Compression.ZSTD, stored))
        .isInstanceOf(StorageException.Corruption.class)
        .hasMessageContaining("file: ")
        .hasMessageContaining("offset 16");
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(8 << 20);
  }

  // ---- how much a block may stand for

  /** Zstd would make 40 bytes of it, which may stand for 10,200. */
  @Test
  void what_zstd_makes_too_small_to_be_believed_is_left_to_lz4() {
    byte[] raw = new byte[1 << 20];
    try (BlockCompressor compressor = new BlockCompressor(Compression.ZSTD)) {
      byte[] stored = pack(compressor, raw, Compression.LZ4);
      assertThat(stored.length).isLessThan(5_000);
      assertThat(decompress(Compression.LZ4, stored)).isEqualTo(raw);
      new Random(1).nextBytes(raw);
      Arrays.fill(raw, 100_000, raw.length, (byte) 0);
      assertThat(decompress(Compression.ZSTD, pack(compressor, raw, Compression.ZSTD)))
          .isEqualTo(raw);
    }
  }

  /** On both sides of the ratio, a byte at a time. */
  @Test
  void every_block_that_is_written_is_believed() {
    try (BlockCompressor compressor = new BlockCompressor(Compression.ZSTD)) {
      for (int length = 100; length < 6_000; length++) {
        byte[] raw = new byte[length];
        Compression used = compressor.compress(raw, 0, length);
        byte[] stored = Arrays.copyOf(compressor.bytes(), compressor.length());
        assertThat(used).isNotEqualTo(Compression.NONE);
        assertThat(decompress(used, stored)).isEqualTo(raw);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_code_on_disk_is_of_one_kind(Compression compression) {
    assertThat(Compression.ofCode(compression.code())).isEqualTo(compression);
    assertThat(Compression.ofCode(-1)).isNull();
    assertThat(Compression.ofCode(Compression.values().length)).isNull();
  }
}
