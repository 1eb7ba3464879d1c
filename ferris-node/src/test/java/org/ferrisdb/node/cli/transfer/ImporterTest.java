package org.ferrisdb.node.cli.transfer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.ferrisdb.node.cli.transfer.Importer.ImportFailedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ImporterTest {
  private final ExecutorService pool = Executors.newFixedThreadPool(8);
  private final Map<String, String> store = new ConcurrentHashMap<>();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger mostInFlight = new AtomicInteger();

  @AfterEach
  void stop() {
    pool.close();
  }

  @Test
  void theLastLineOfAKeyWinsThoughPutsOvertakeEachOther() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    StringBuilder file = new StringBuilder();
    Map<String, String> expected = new TreeMap<>();
    for (int i = 0; i < 5_000; i++) {
      String key = "k" + random.nextInt(200);
      file.append(key).append('\t').append(i).append('\n');
      expected.put(key, Integer.toString(i));
    }
    Importer importer = new Importer(this::put, 16, 1_000_000, _ -> {});
    Importer.Result result = importer.run(lines(file.toString()), RecordFormat.TSV);
    assertThat(new TreeMap<>(store)).as("seed %d", seed).isEqualTo(expected);
    assertThat(result.records()).isEqualTo(5_000);
    assertThat(mostInFlight.get()).isBetween(2, 16);
  }

  @Test
  void bytesInFlightAreBounded() throws Exception {
    StringBuilder numbered = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      numbered.append('k').append(i).append('\t').append("v".repeat(100)).append('\n');
    }
    new Importer(this::put, 1_000, 250, _ -> {}).run(lines(numbered.toString()), RecordFormat.TSV);
    assertThat(store).hasSize(50);
    assertThat(mostInFlight.get()).isLessThanOrEqualTo(2);
  }

  @Test
  void aFailedPutEndsTheImportAndNamesItsLine() {
    Importer importer =
        new Importer(
            (key, value) ->
                new String(key, UTF_8).equals("bad")
                    ? CompletableFuture.failedFuture(new IllegalStateException("no quorum"))
                    : put(key, value),
            16,
            1_000,
            _ -> {});
    assertThatThrownBy(
            () -> importer.run(lines("a\t1\nbad\t2\n" + "c\t3\n".repeat(100)), RecordFormat.TSV))
        .isInstanceOf(ImportFailedException.class)
        .hasMessage("line 2: no quorum");
    assertThat(inFlight.get()).isZero();
    assertThat(importer.acknowledged()).isLessThan(101);
  }

  @Test
  void aMalformedLineEndsTheImportAfterAllLinesBeforeItAreWritten() {
    Importer importer = new Importer(this::put, 16, 1_000, _ -> {});
    assertThatThrownBy(() -> importer.run(lines("a\t1\nb\t2\noops\nc\t3\n"), RecordFormat.TSV))
        .isInstanceOf(MalformedLineException.class)
        .hasMessageStartingWith("line 3");
    assertThat(store).containsOnlyKeys("a", "b");
    assertThat(importer.acknowledged()).isEqualTo(2);
  }

  private CompletionStage<?> put(byte[] key, byte[] value) {
    mostInFlight.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
    return CompletableFuture.runAsync(
        () -> {
          Thread.onSpinWait();
          store.put(new String(key, UTF_8), new String(value, UTF_8));
          inFlight.decrementAndGet();
        },
        pool);
  }

  private static LineReader lines(String text) {
    return new LineReader(new ByteArrayInputStream(text.getBytes(UTF_8)));
  }
}
