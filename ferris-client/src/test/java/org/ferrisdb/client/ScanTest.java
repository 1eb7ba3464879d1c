package org.ferrisdb.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.ferrisdb.client.Bytes.utf8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.Envelope.BodyCase;
import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.client.wire.ScanReply;
import org.ferrisdb.client.wire.ScanRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Scans over three shards: up to "k3", up to "k6", the rest. */
@Timeout(30)
class ScanTest {
  private FakeCluster cluster;
  private Ferris ferris;

  @BeforeEach
  void connect() {
    cluster = new FakeCluster(3, "k3", "k6");
    ferris = Ferris.connect(cluster.uri());
  }

  @AfterEach
  void close() {
    ferris.close();
    cluster.close();
  }

  private void fill(int entries) {
    List<java.util.concurrent.CompletableFuture<Version>> puts = new ArrayList<>();
    for (int i = 0; i < entries; i++) {
      puts.add(ferris.async().put(utf8("k%d%02d".formatted(i % 10, i / 10)), utf8("v" + i)));
    }
    puts.forEach(java.util.concurrent.CompletableFuture::join);
  }

  private List<ScanRequest> requests() {
    return cluster.nodes.stream()
        .flatMap(node -> node.received.stream())
        .filter(r -> r.request.hasScan())
        .map(r -> r.request.getScan())
        .toList();
  }

  /** Holds back the answers to scans of one shard until the test lets them go. */
  private ConcurrentLinkedQueue<FakeNode.Received> hold(int shard) {
    ConcurrentLinkedQueue<FakeNode.Received> held = new ConcurrentLinkedQueue<>();
    cluster.nodes.forEach(node ->
        node.script =
            r -> r.request.hasScan() && r.request.getScan().getShardId() == shard && held.add(r));
    return held;
  }

  private long requestsOf(int shard) {
    return requests().stream().filter(r -> r.getShardId() == shard).count();
  }

  private static List<String> keys(Iterable<Entry> entries) {
    List<String> keys = new ArrayList<>();
    entries.forEach(entry -> keys.add(entry.key().toUtf8()));
    return keys;
  }

  @Test
  void all_shards_are_read_in_order_and_at_one_timestamp() {
    fill(100);

    List<String> forward = keys(ferris.scan(KeyRange.all()).pageSize(7));
    List<String> backward = keys(ferris.scan(KeyRange.all()).reverse().pageSize(7));

    assertThat(forward).hasSize(100).isSorted();
    Collections.reverse(backward);
    assertThat(backward).isEqualTo(forward);
    // Two scans: each has one request without a timestamp, and one timestamp after it.
    assertThat(requests().stream().map(ScanRequest::getTimestamp).distinct()).hasSize(3);
    assertThat(requests().stream().filter(r -> r.getTimestamp() == 0)).hasSize(2);
  }

  @Test
  void a_scan_does_not_see_what_is_written_while_it_runs() {
    fill(100);
    List<String> keys = new ArrayList<>();

    for (Entry entry : ferris.scan(KeyRange.all()).pageSize(5)) {
      keys.add(entry.key().toUtf8());
      ferris.put(utf8("k9-new-" + keys.size()), utf8("x"));
      ferris.delete(utf8("k999"));
    }

    assertThat(keys).hasSize(100).noneMatch(key -> key.contains("new"));
  }

  @Test
  void any_scan_equals_the_model() {
    long seed = System.nanoTime();
    System.out.println("any_scan_equals_the_model seed " + seed);
    Random random = new Random(seed);
    fill(200);
    NavigableMap<Bytes, Bytes> model = new TreeMap<>();
    cluster.data.forEach(
        (key, versions) -> model.put(key, versions.lastEntry().getValue().orElseThrow()));
    for (int round = 0; round < 300; round++) {
      Bytes from = bound(random);
      Bytes to = bound(random);
      if (from.compareTo(to) > 0) {
        Bytes swap = from;
        from = to;
        to = swap;
      }
      KeyRange range =
          switch (random.nextInt(4)) {
            case 0 -> KeyRange.from(from);
            case 1 -> KeyRange.until(to);
            default -> KeyRange.of(from, to);
          };
      boolean reverse = random.nextBoolean();
      int limit = random.nextInt(4) == 0 ? random.nextInt(30) : Integer.MAX_VALUE;
      Scan scan =
          ferris
              .scan(range)
              .pageSize(1 + random.nextInt(40))
              .limit(random.nextBoolean() ? limit : Long.MAX_VALUE)
              .readAhead(1 + random.nextInt(8));
      limit = scan.spec().limit() == Long.MAX_VALUE ? Integer.MAX_VALUE : limit;

      List<Entry> found = (reverse ? scan.reverse() : scan).toList();

      List<Bytes> expected =
          (reverse ? model.descendingMap() : model)
              .keySet().stream().filter(range::contains).limit(limit).toList();
      assertThat(found).extracting(Entry::key).isEqualTo(expected);
      assertThat(found).allSatisfy(e -> assertThat(e.value()).isEqualTo(model.get(e.key())));
    }
  }

  private static Bytes bound(Random random) {
    return utf8("k%d%02d".formatted(random.nextInt(10), random.nextInt(25)));
  }

  @Test
  void one_page_is_fetched_ahead_and_no_more() {
    fill(100);
    try (CloseableIterator<Entry> entries = ferris.scan(KeyRange.all()).pageSize(10).iterator()) {
      assertThat(requests()).isEmpty();

      entries.next();

      Eventually.await().until(() -> requests().size() == 2);
      for (int i = 1; i < 10; i++) {
        entries.next();
      }
      // The second page has come, the third is asked for only when the second is begun.
      assertThat(entries.hasNext()).isTrue();
      Eventually.await().until(() -> requests().size() == 3);
      Eventually.await().during(Duration.ofMillis(100)).until(() -> requests().size() == 3);
    }
  }

  @Test
  void reading_ahead_asks_several_shards_at_once_and_no_more_than_it_may() {
    fill(100);
    Scan scan = ferris.scan(KeyRange.all()).pageSize(10).readAhead(4);
    try (CloseableIterator<Entry> entries = scan.iterator()) {
      entries.next();

      // One page is consumed, of each shard one is asked for: there is room for one more, but
      // inside a shard there is one request at a time.
      Eventually.await().until(() -> requests().size() == 4);
      assertThat(List.of(requestsOf(1), requestsOf(2), requestsOf(3)))
          .isEqualTo(List.of(2L, 1L, 1L));
      int most = 0;
      for (int consumed = 1; entries.hasNext(); consumed++) {
        int pages = consumed / 10 + 1; // with the one that is begun now
        most = Math.max(most, requests().size() - pages);
        entries.next();
      }
      assertThat(most).isBetween(3, 4);
      assertThat(requests().stream().map(ScanRequest::getTimestamp).distinct()).hasSize(2);
    }
  }

  @Test
  void a_reader_that_stands_still_keeps_the_pages_ahead_where_they_are() {
    fill(100);
    Scan scan = ferris.scan(KeyRange.all()).pageSize(5).readAhead(3);
    try (CloseableIterator<Entry> entries = scan.iterator()) {
      entries.next();

      Eventually.await().until(() -> requests().size() == 4);
      Eventually.await().during(Duration.ofMillis(100)).until(() -> requests().size() == 4);
    }
  }

  @Test
  void shards_that_answer_early_wait_for_those_before_them() {
    fill(100);
    ConcurrentLinkedQueue<FakeNode.Received> held = hold(2);
    List<String> keys = new ArrayList<>();
    try (CloseableIterator<Entry> entries =
        ferris.scan(KeyRange.all()).pageSize(40).readAhead(3).iterator()) {
      for (int i = 0; i < 30; i++) {
        keys.add(entries.next().key().toUtf8());
      }
      Eventually.await().until(() -> held.size() == 1 && requestsOf(3) == 1);
      cluster.nodes.forEach(node -> node.script = r -> false);
      held.forEach(FakeNode.Received::answer);
      entries.forEachRemaining(entry -> keys.add(entry.key().toUtf8()));
    }
    assertThat(keys).hasSize(100).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void a_page_ahead_that_fails_fails_the_scan_when_its_turn_comes_and_again() {
    fill(100);
    cluster.nodes.forEach(node ->
        node.script =
            r -> {
              boolean third = r.request.hasScan() && r.request.getScan().getShardId() == 3;
              if (third) {
                r.reply(FakeCluster.error(Envelope.newBuilder(), ErrorCode.INTERNAL, "scripted"));
              }
              return third;
            });
    List<String> keys = new ArrayList<>();
    try (CloseableIterator<Entry> entries =
        ferris.scan(KeyRange.all()).pageSize(7).readAhead(8).iterator()) {
      ServerErrorException failure =
          catchThrowableOfType(
              ServerErrorException.class,
              () -> entries.forEachRemaining(entry -> keys.add(entry.key().toUtf8())));

      assertThat(failure).hasMessageContaining("scripted");
      assertThat(keys).hasSize(60).isSorted();
      // It must never look like the end of the scan.
      assertThat(catchThrowableOfType(ServerErrorException.class, entries::hasNext)).isNotNull();
    }
  }

  @Test
  void splits_and_new_leaders_are_not_noticed_by_a_scan_that_reads_ahead() {
    fill(100);
    for (boolean reverse : new boolean[] {false, true}) {
      List<String> keys = new ArrayList<>();
      Scan scan = ferris.scan(KeyRange.all()).pageSize(4).readAhead(5);
      for (Entry entry : reverse ? scan.reverse() : scan) {
        keys.add(entry.key().toUtf8());
        if (keys.size() == 10) {
          cluster.split(reverse ? 1 : 3, reverse ? "k15" : "k75");
          cluster.lead(2, reverse ? 3 : 1);
        }
      }
      if (reverse) {
        Collections.reverse(keys);
      }
      assertThat(keys).hasSize(100).isSorted().doesNotHaveDuplicates();
    }
  }

  @Test
  void reading_ahead_has_its_limits() {
    Scan scan = ferris.scan(KeyRange.all());
    for (int pages : new int[] {0, 65}) {
      assertThat(catchThrowableOfType(InvalidRequestException.class, () -> scan.readAhead(pages)))
          .hasMessageContaining("use 1 to 64");
    }
  }

  @Test
  void a_range_is_cut_where_shards_begin() {
    List<Bytes> starts = List.of(Bytes.empty(), utf8("c"), utf8("f"), utf8("k"));
    KeyRange range = KeyRange.of(utf8("c"), utf8("g"));

    assertThat(ScanPlan.cut(range, starts, false))
        .containsExactly(KeyRange.of(utf8("c"), utf8("f")), KeyRange.of(utf8("f"), utf8("g")));
    assertThat(ScanPlan.cut(KeyRange.all(), starts, true))
        .containsExactly(
            KeyRange.from(utf8("k")),
            KeyRange.of(utf8("f"), utf8("k")),
            KeyRange.of(utf8("c"), utf8("f")),
            KeyRange.until(utf8("c")));
    assertThat(ScanPlan.cut(range, List.of(), false)).containsExactly(range);
  }

  @Test
  void a_limit_asks_for_no_more_than_it_needs() {
    fill(100);

    assertThat(ferris.scan(KeyRange.all()).pageSize(10).limit(15).toList()).hasSize(15);
    assertThat(requests()).extracting(ScanRequest::getMaxEntries).containsExactlyInAnyOrder(10, 5);
    assertThat(ferris.scan(KeyRange.all()).limit(0).toList()).isEmpty();
    assertThat(requests()).hasSize(2);
  }

  @Test
  void keys_only_leaves_the_values_out() {
    fill(10);

    assertThat(ferris.scan(KeyRange.all()).keysOnly().toList())
        .hasSize(10)
        .allSatisfy(entry -> assertThat(entry.value().isEmpty()).isTrue());
    assertThat(requests()).allSatisfy(r -> assertThat(r.getKeysOnly()).isTrue());
  }

  @Test
  void a_cursor_resumes_at_the_same_moment_even_in_another_client() {
    fill(100);
    for (boolean reverse : new boolean[] {false, true}) {
      Scan scan = ferris.scan(KeyRange.all()).pageSize(8);
      scan = reverse ? scan.reverse() : scan;
      List<String> all = keys(scan);
      List<String> pieces = new ArrayList<>();
      String text;
      try (CloseableIterator<Entry> first = scan.iterator()) {
        for (int i = 0; i < 33; i++) {
          pieces.add(first.next().key().toUtf8());
        }
        text = first.cursor().toString();
      }
      ferris.put(utf8("k500-new"), utf8("x"));
      try (Ferris other = Ferris.connect(cluster.uri())) {
        Scan rest = other.scan(KeyRange.all());
        rest = reverse ? rest.reverse() : rest;
        pieces.addAll(keys(rest.after(Cursor.parse(text))));
      }
      assertThat(pieces).isEqualTo(all);
      ferris.delete(utf8("k500-new"));
    }
  }

  @Test
  void a_cursor_of_the_other_direction_is_refused() {
    fill(10);
    CloseableIterator<Entry> entries = ferris.scan(KeyRange.all()).iterator();
    assertThat(catchThrowableOfType(InvalidRequestException.class, entries::cursor))
        .hasMessageContaining("call next() first");
    entries.next();
    Cursor cursor = entries.cursor();

    assertThat(
            catchThrowableOfType(
                InvalidRequestException.class,
                () -> ferris.scan(KeyRange.all()).reverse().after(cursor)))
        .hasMessageContaining("used for the other way");
  }

  @Test
  void pages_of_the_asynchronous_api_make_the_same_scan() throws Exception {
    fill(100);
    Scan scan = ferris.scanPrefix(utf8("k")).pageSize(9);
    List<String> keys = new ArrayList<>();
    ScanPage page = ferris.async().scanPage(scan.spec()).get(5, TimeUnit.SECONDS);
    keys.addAll(keys(page.entries()));
    while (page.next().isPresent()) {
      page = ferris.async().scanPage(scan.after(page.next().get()).spec()).get(5, TimeUnit.SECONDS);
      keys.addAll(keys(page.entries()));
    }

    assertThat(keys).isEqualTo(keys(scan));
  }

  @Test
  void a_leader_that_changes_in_the_middle_is_not_noticed() {
    fill(100);
    List<String> keys = new ArrayList<>();
    int next = 0;
    for (Entry entry : ferris.scan(KeyRange.all()).pageSize(4)) {
      keys.add(entry.key().toUtf8());
      if (keys.size() % 10 == 0) {
        next++;
        cluster.lead(1 + next % 3, 1 + (next * 2) % 3);
      }
    }
    assertThat(keys).hasSize(100).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void a_split_in_the_middle_is_not_noticed() {
    fill(100);
    List<String> keys = new ArrayList<>();
    for (Entry entry : ferris.scan(KeyRange.all()).pageSize(4)) {
      keys.add(entry.key().toUtf8());
      if (keys.size() == 15) {
        cluster.split(2, "k45");
      }
    }
    assertThat(keys).hasSize(100).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void a_closed_iterator_ends_and_asks_for_nothing() {
    fill(100);
    CloseableIterator<Entry> entries = ferris.scan(KeyRange.all()).pageSize(10).iterator();
    entries.next();
    entries.close();

    assertThat(entries.hasNext()).isFalse();
    assertThat(catchThrowableOfType(NoSuchElementException.class, entries::next)).isNotNull();
    assertThat(requests().size()).isLessThanOrEqualTo(2);
    try (var stream = ferris.scan(KeyRange.all()).stream()) {
      assertThat(stream.limit(3).count()).isEqualTo(3);
    }
  }

  @Test
  void a_page_that_says_more_and_has_nothing_is_an_error_and_not_an_endless_loop() {
    ConcurrentLinkedQueue<FakeNode.Received> seen = new ConcurrentLinkedQueue<>();
    cluster.nodes.forEach(node ->
        node.script =
            r -> {
              if (!r.request.hasScan()) {
                return false;
              }
              seen.add(r);
              r.reply(
                  Envelope.newBuilder()
                      .setScanReply(ScanReply.newBuilder().setTimestamp(1).setMore(true)));
              return true;
            });

    assertThat(
            catchThrowableOfType(
                ServerErrorException.class, () -> ferris.scan(KeyRange.all()).toList()))
        .hasMessageContaining("no page");
    assertThat(seen).hasSize(1);
    assertThat(cluster.node(1).count(BodyCase.SCAN)).isEqualTo(1);
  }
}
