package org.ferrisdb.storage.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.Seeds;
import org.junit.jupiter.api.Test;

/** Fragments answer what a look at every tombstone would. Keys are one or two letters of a to h. */
final class RangeTombstonesTest {
  private record Sequenced(RangeTombstone range, long sequence) {}

  private static RangeTombstone range(String from, String to, long timestamp) {
    return new RangeTombstone(EngineModel.bytes(from), EngineModel.bytes(to), timestamp);
  }

  private static RangeTombstones union(RangeTombstones ranges, RangeTombstone more) {
    return RangeTombstones.union(List.of(ranges, RangeTombstones.EMPTY.with(more, 0)));
  }

  private static String show(RangeTombstones ranges) {
    List<String> shown = new ArrayList<>();
    ranges.forEach((from, to, timestamp) ->
        shown.add(EngineModel.text(from) + "-" + EngineModel.text(to) + "@" + timestamp));
    return String.join(" ", shown);
  }

  private static RangeTombstones example() {
    return RangeTombstones.EMPTY.with(range("a", "m", 30), 1).with(range("f", "t", 50), 2);
  }

  @Test
  void tombstones_are_cut_at_each_others_ends() {
    assertThat(show(example())).isEqualTo("a-f@30 f-m@50 f-m@30 m-t@50");
    assertThat(show(example().visibleAt(1))).isEqualTo("a-f@30 f-m@30");
    assertThat(show(example().within(new KeyRange(EngineModel.bytes("g"), null))))
        .isEqualTo("g-m@50 g-m@30 m-t@50");
    assertThat(show(example().with(range("b", "c", 60), 3)))
        .isEqualTo("a-b@30 b-c@60 b-c@30 c-f@30 f-m@50 f-m@30 m-t@50");
  }

  @Test
  void a_compaction_keeps_one_below_the_floor_where_it_hides_something() {
    RangeTombstones ranges = union(example(), range("a", "z", 70));
    assertThat(show(ranges)).isEqualTo("a-f@70 a-f@30 f-m@70 f-m@50 f-m@30 m-t@70 m-t@50 t-z@70");
    assertThat(show(ranges.withoutGarbage(60, (from, to) -> true)))
        .isEqualTo("a-f@70 a-f@30 f-t@70 f-t@50 t-z@70");
    assertThat(show(ranges.withoutGarbage(60, (from, to) -> EngineModel.text(from).equals("m"))))
        .isEqualTo("a-m@70 m-t@70 m-t@50 t-z@70");
    assertThat(show(ranges.withoutGarbage(60, (from, to) -> false))).isEqualTo("a-z@70");
    assertThat(show(ranges.withoutGarbage(70, (from, to) -> !EngineModel.text(from).equals("f"))))
        .as("a gap stays one")
        .isEqualTo("a-f@70 m-z@70");
    assertThat(ranges.withoutGarbage(70, (from, to) -> false).isEmpty()).isTrue();
  }

  @Test
  void a_builder_takes_fragments_in_their_order_only() {
    RangeTombstones.Builder builder = new RangeTombstones.Builder();
    assertThat(builder.add(EngineModel.bytes("c"), EngineModel.bytes("e"), 9)).isTrue();
    assertThat(builder.add(EngineModel.bytes("c"), EngineModel.bytes("e"), 9)).isFalse();
    assertThat(builder.add(EngineModel.bytes("c"), EngineModel.bytes("f"), 8)).isFalse();
    assertThat(builder.add(EngineModel.bytes("c"), EngineModel.bytes("e"), 7)).isTrue();
    assertThat(builder.add(EngineModel.bytes("d"), EngineModel.bytes("g"), 9)).isFalse();
    assertThat(builder.add(EngineModel.bytes("f"), EngineModel.bytes("f"), 9)).isFalse();
    assertThat(builder.add(EngineModel.bytes("f"), EngineModel.bytes("g"), -1)).isFalse();
    assertThat(builder.add(EngineModel.bytes("e"), EngineModel.bytes("g"), 9)).isTrue();
    assertThat(show(builder.build())).isEqualTo("c-e@9 c-e@7 e-g@9");
  }

  @Test
  void fragments_answer_what_a_look_at_each_would() {
    Random random = Seeds.random("range tombstones", 11);
    for (int round = 0; round < 300; round++) {
      List<Sequenced> all = new ArrayList<>();
      RangeTombstones ranges = RangeTombstones.EMPTY;
      List<RangeTombstones> parts = new ArrayList<>();
      int count = random.nextInt(12);
      for (int i = 1; i <= count; i++) {
        String a = key(random);
        String b = key(random);
        if (!a.equals(b)) {
          RangeTombstone one =
              range(a.compareTo(b) < 0 ? a : b, a.compareTo(b) < 0 ? b : a, i + random.nextInt(4));
          all.add(new Sequenced(one, i));
          ranges = ranges.with(one, i);
          parts.add(RangeTombstones.EMPTY.with(one, 0));
        }
      }
      RangeTombstones.Builder copy = new RangeTombstones.Builder();
      ranges.forEach((from, to, timestamp) -> {
        // Equal timestamps of one fragment are one to who reads a table.
        boolean _ = copy.add(from, to, timestamp);
      });
      RangeTombstones united = RangeTombstones.union(parts);
      assertThat(show(united)).as("round %d", round).isEqualTo(show(copy.build()));
      for (int look = 0; look < 40; look++) {
        String key = key(random);
        long timestamp = random.nextInt(18);
        long sequence = random.nextInt(14);
        assertThat(newest(ranges, key, timestamp, sequence))
            .as("round %d: %s at %d, sequence %d of %s", round, key, timestamp, sequence, all)
            .isEqualTo(expected(all, key, timestamp, sequence))
            .isEqualTo(newest(ranges.visibleAt(sequence), key, timestamp, Long.MAX_VALUE));
        assertThat(newest(united, key, timestamp, Long.MAX_VALUE))
            .isEqualTo(expected(all, key, timestamp, Long.MAX_VALUE));
        long floor = random.nextInt(18);
        assertThat(newest(united.withoutGarbage(floor, (_, _) -> true), key, floor + look, 0))
            .isEqualTo(expected(all, key, floor + look, Long.MAX_VALUE));
        checkHideAll(all, ranges, key, key(random), timestamp);
      }
    }
  }

  /** Keys between two letters are judged by the letters at or before them. */
  private static void checkHideAll(
      List<Sequenced> all, RangeTombstones ranges, String from, String to, long timestamp) {
    if (from.compareTo(to) >= 0) {
      return;
    }
    long version = timestamp / 2;
    boolean hidden =
        IntStream.range(0, 64)
            .mapToObj(i -> "" + (char) ('a' + i / 8) + (i % 8 == 0 ? "" : (char) ('a' + i % 8)))
            .filter(key -> key.compareTo(from) >= 0 && key.compareTo(to) < 0)
            .allMatch(key -> expected(all, key, timestamp, Long.MAX_VALUE) > version);
    assertThat(ranges.hideAll(EngineModel.bytes(from), EngineModel.bytes(to), version, timestamp))
        .as("[%s, %s) above %d at %d of %s", from, to, version, timestamp, all)
        .isEqualTo(hidden);
  }

  private static long newest(RangeTombstones ranges, String key, long timestamp, long sequence) {
    return ranges.newest(EngineModel.bytes(key), key.length(), timestamp, sequence);
  }

  private static long expected(List<Sequenced> all, String key, long timestamp, long sequence) {
    return all.stream()
        .filter(one -> one.sequence() <= sequence && one.range().timestamp() <= timestamp)
        .filter(one -> EngineModel.text(one.range().from()).compareTo(key) <= 0)
        .filter(one -> key.compareTo(EngineModel.text(one.range().to())) < 0)
        .mapToLong(one -> one.range().timestamp())
        .max()
        .orElse(-1);
  }

  private static String key(Random random) {
    String first = String.valueOf((char) ('a' + random.nextInt(8)));
    int second = random.nextInt(8);
    return second == 0 ? first : first + (char) ('a' + second);
  }
}
