package org.ferrisdb.storage.memtable;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.Versioned;
import org.ferrisdb.storage.key.EntryIterator;
import org.ferrisdb.storage.testing.Seeds;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What every memtable does, whatever it is made of. */
class MemtableTest {
  private static final byte[] VALUE = {1};

  /** Where an entry stands: key ascending, timestamp and sequence descending. */
  private record Place(byte[] key, long timestamp, long sequence) {
    static final Comparator<Place> ORDER =
        Comparator.comparing(Place::key, Arrays::compareUnsigned)
            .thenComparing(Comparator.comparingLong(Place::timestamp).reversed())
            .thenComparing(Comparator.comparingLong(Place::sequence).reversed());

    String text() {
      return HexFormat.of().formatHex(key) + "@" + timestamp;
    }
  }

  private record Entry(Place place, EntryKind kind, byte[] value) {}

  /** A memtable and a sorted map that is told the same. */
  private static final class Pair {
    final Memtable memtable;
    final NavigableMap<Place, Entry> model = new TreeMap<>(Place.ORDER);
    final Random random;
    long sequence;
    long timestamp;

    Pair(Memtable memtable, Random random) {
      this.memtable = memtable;
      this.random = random;
    }

    /** A batch; its timestamp is not always the newest, so that versions come late as well. */
    void write(KeyMaker keys) {
      sequence++;
      timestamp += random.nextInt(3);
      long late = random.nextInt(10) == 0 ? random.nextLong(timestamp + 1) : timestamp;
      TreeMap<byte[], Boolean> written = new TreeMap<>(Arrays::compareUnsigned);
      for (int i = random.nextInt(1, 6); i > 0; i--) {
        byte[] key = keys.next(random);
        // A key that comes again in a batch does so at a later time.
        long at = written.put(key, true) == null ? late : ++timestamp;
        EntryKind kind = random.nextInt(5) == 0 ? EntryKind.TOMBSTONE : EntryKind.PUT;
        int length = random.nextInt(50) == 0 ? random.nextInt(90_000) : random.nextInt(20);
        byte[] value = new byte[kind == EntryKind.PUT ? length : 0];
        random.nextBytes(value);
        memtable.add(key, at, sequence, kind, value);
        Place place = new Place(key, at, sequence);
        model.put(place, new Entry(place, kind, value));
      }
    }

    List<Entry> visible(long seen) {
      return model.values().stream().filter(e -> e.place().sequence() <= seen).toList();
    }
  }

  /** Makes keys of some shape. */
  private interface KeyMaker {
    byte[] next(Random random);
  }

  private static List<KeyMaker> keyMakers() {
    return List.of(
        random -> new byte[] {(byte) random.nextInt(256)}, // every size of a node
        random -> bytes(random, random.nextInt(1, 5), 3), // many are prefixes of others
        random -> bytes(random, random.nextInt(1, 4), 256),
        random -> bytes(random, 12, 2), // long ways down
        random -> bytes(random, random.nextInt(1, 20), 1), // only zeros
        random -> ByteBuffer.allocate(16).putLong(random.nextInt(2_000)).array(),
        random -> {
          byte[] key = new byte[random.nextInt(1, 400)]; // bytes that all share
          key[key.length - 1] = (byte) random.nextInt(3);
          return key;
        });
  }

  private static byte[] bytes(Random random, int length, int alphabet) {
    byte[] key = new byte[length];
    for (int i = 0; i < length; i++) {
      key[i] = (byte) (random.nextInt(alphabet) * (256 / alphabet));
    }
    return key;
  }

  private static List<Long> seeds(int count) {
    long first = Seeds.seed("MemtableTest", System.nanoTime());
    return LongStream.range(first, first + count).boxed().toList();
  }

  /** Those for writes and the one for recovery, which is for one thread at a time. */
  static Stream<Named<Supplier<Memtable>>> all() {
    Stream<Named<Supplier<Memtable>>> kinds =
        Arrays.stream(MemtableKind.values()).map(kind -> Named.of(kind.name(), kind::create));
    return Stream.concat(kinds, Stream.of(Named.of("REPLAY", ReplayMemtable::new)));
  }

  @ParameterizedTest
  @MethodSource("all")
  void readsWhatASortedMapReads(Supplier<Memtable> maker) {
    for (long seed : seeds(8)) {
      Random random = new Random(seed);
      for (KeyMaker keys : keyMakers()) {
        Pair pair = new Pair(maker.get(), random);
        assertThat(pair.memtable.isEmpty()).isTrue();
        for (int round = 0; round < 6; round++) {
          for (int i = random.nextInt(120); i > 0; i--) {
            pair.write(keys);
          }
          compare(pair, keys, seed);
        }
      }
    }
  }

  private static void compare(Pair pair, KeyMaker keys, long seed) {
    Random random = pair.random;
    long seen = random.nextBoolean() ? pair.sequence : random.nextLong(pair.sequence + 1);
    List<Entry> entries = pair.visible(seen);
    String what = "seed " + seed + ", sequence " + seen + " of " + pair.sequence;
    assertThat(pair.memtable.isEmpty()).as(what).isEqualTo(pair.model.isEmpty());
    for (int i = 0; i < 60; i++) {
      byte[] key = keys.next(random);
      long timestamp = random.nextBoolean() ? Long.MAX_VALUE : random.nextLong(pair.timestamp + 2);
      compareGet(what, pair.memtable.get(key, timestamp, seen), entries, key, timestamp);
    }
    EntryIterator iterator = pair.memtable.iterator(seen);
    assertThat(iterator.valid()).as(what).isFalse();
    Walk walk = new Walk(iterator, entries, what);
    for (int i = 0; i < 150; i++) {
      byte[] key = keys.next(random);
      switch (random.nextInt(8)) {
        case 0 -> walk.first();
        case 1 -> walk.last();
        case 2 -> walk.seek(key, random.nextLong(pair.timestamp + 2));
        case 3 -> walk.seek(key, Long.MAX_VALUE);
        case 4 -> walk.seekBefore(key);
        case 5 -> walk.step(random.nextInt(30), false);
        default -> walk.step(random.nextInt(30), true);
      }
      // What comes later is not seen.
      if (random.nextInt(20) == 0) {
        pair.write(keys);
      }
    }
    walk.first();
    walk.step(entries.size() + 1, true);
    walk.last();
    walk.step(entries.size() + 1, false);
    iterator.close();
  }

  private static void compareGet(
      String what, @Nullable Versioned found, List<Entry> entries, byte[] key, long timestamp) {
    Entry expected =
        entries.stream()
            .filter(e -> Arrays.equals(e.place().key(), key))
            .filter(e -> e.place().timestamp() <= timestamp)
            .findFirst()
            .orElse(null);
    String where = what + ", get " + HexFormat.of().formatHex(key) + "@" + timestamp;
    if (expected == null || found == null) {
      assertThat(found == null).as(where).isEqualTo(expected == null);
      return;
    }
    assertThat(found.timestamp()).as(where).isEqualTo(expected.place().timestamp());
    assertThat(found.kind()).as(where).isEqualTo(expected.kind());
    assertThat(found.value()).as(where).isEqualTo(expected.value());
  }

  /** An iterator, and the place in a list where it ought to be. */
  private static final class Walk {
    private final EntryIterator iterator;
    private final List<Entry> entries;
    private final List<String> steps = new ArrayList<>();
    private int at = -1;

    Walk(EntryIterator iterator, List<Entry> entries, String what) {
      this.iterator = iterator;
      this.entries = entries;
      steps.add(what);
    }

    void first() {
      steps.add("first");
      iterator.seekFirst();
      check(entries.isEmpty() ? -1 : 0);
    }

    void last() {
      steps.add("last");
      iterator.seekLast();
      check(entries.size() - 1);
    }

    void seek(byte[] key, long timestamp) {
      Place sought = new Place(key, timestamp, Long.MAX_VALUE);
      steps.add("seek " + sought.text());
      iterator.seek(key, timestamp);
      int found = 0;
      while (found < entries.size()
          && Place.ORDER.compare(entries.get(found).place(), sought) < 0) {
        found++;
      }
      check(found == entries.size() ? -1 : found);
    }

    void seekBefore(byte[] key) {
      Place sought = new Place(key, Long.MAX_VALUE, Long.MAX_VALUE);
      steps.add("before " + sought.text());
      iterator.seekBefore(key);
      int found = entries.size() - 1;
      while (found >= 0 && Place.ORDER.compare(entries.get(found).place(), sought) >= 0) {
        found--;
      }
      check(found);
    }

    void step(int times, boolean forward) {
      for (int i = 0; i < times && at >= 0; i++) {
        steps.add(forward ? "next" : "prev");
        if (forward) {
          iterator.next();
        } else {
          iterator.prev();
        }
        int next = forward ? at + 1 : at - 1;
        check(next == entries.size() ? -1 : next);
      }
    }

    private void check(int expected) {
      at = expected;
      assertThat(iterator.valid()).as("%s", steps).isEqualTo(expected >= 0);
      if (expected >= 0) {
        Entry entry = entries.get(expected);
        assertThat(iterator.entry().keyCopy()).as("%s", steps).isEqualTo(entry.place().key());
        assertThat(iterator.entry().timestamp())
            .as("%s", steps)
            .isEqualTo(entry.place().timestamp());
        assertThat(iterator.entry().kind()).as("%s", steps).isEqualTo(entry.kind());
        assertThat(iterator.entry().valueCopy()).as("%s", steps).isEqualTo(entry.value());
      }
    }
  }

  /**
   * The demo found this one: a reader descends to the last node before its key; before it follows
   * the link, the writer puts another key in between, and the reader takes that for the answer.
   */
  @ParameterizedTest
  @EnumSource
  void keyIsFoundWhileItsNeighboursAreBeingAdded(MemtableKind kind) throws InterruptedException {
    for (int round = 0; round < 40; round++) {
      Memtable memtable = kind.create();
      byte[] key = {'m'};
      memtable.add(key, 7, 1, EntryKind.PUT, VALUE);
      AtomicBoolean done = new AtomicBoolean();
      AtomicLong missed = new AtomicLong();
      AtomicLong unsought = new AtomicLong();
      Thread reader =
          Thread.ofPlatform()
              .start(() -> {
                while (!done.get()) {
                  if (memtable.get(key, Long.MAX_VALUE, 1) == null) {
                    missed.incrementAndGet();
                  }
                  EntryIterator iterator = memtable.iterator(1);
                  iterator.seek(key, Long.MAX_VALUE);
                  if (!iterator.valid()) {
                    unsought.incrementAndGet();
                  }
                }
              });
      // Each new key is the nearest one before the key that is read.
      for (int i = 0; i < 20_000; i++) {
        memtable.add(
            ByteBuffer.allocate(5).put((byte) 'l').putInt(i).array(), 8, 2, EntryKind.PUT, VALUE);
      }
      done.set(true);
      reader.join();
      assertThat(missed.get()).as("reads that missed the key").isZero();
      assertThat(unsought.get()).as("seeks that missed the key").isZero();
    }
  }

  /** The root of a memtable is replaced with its second key, and when its node is full. */
  @ParameterizedTest
  @EnumSource
  void aSeekFindsWhatIsThereWhileTheFirstKeysAreBeingAdded(MemtableKind kind)
      throws InterruptedException {
    AtomicReference<Memtable> current = new AtomicReference<>(kind.create());
    AtomicLong looks = new AtomicLong();
    AtomicLong wrong = new AtomicLong();
    AtomicBoolean done = new AtomicBoolean();
    byte[][] sought = {{'b', 'c', 'c'}, {'e', '5'}, {'a', 'b'}};
    Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              for (int i = 0; !done.get(); i++) {
                Memtable memtable = current.get();
                byte[] key = sought[i % sought.length];
                EntryIterator iterator = memtable.iterator(1);
                iterator.seek(key, Long.MAX_VALUE);
                boolean nothingBehind = !iterator.valid();
                iterator.seekBefore(key);
                boolean oneBefore =
                    memtable.isEmpty() || (iterator.valid() && iterator.entry().keyLength() == 1);
                wrong.addAndGet(nothingBehind && oneBefore ? 0 : 1);
                looks.incrementAndGet();
              }
            });
    for (int round = 0; round < 30_000; round++) {
      Memtable memtable = kind.create();
      memtable.add(new byte[] {'a'}, 7, 1, EntryKind.PUT, VALUE);
      long before = looks.get();
      current.set(memtable);
      while (looks.get() == before) {
        Thread.onSpinWait();
      }
      for (String key : List.of("bcd", "abc", "e7", "c", "d")) {
        memtable.add(key.getBytes(UTF_8), 8, 2, EntryKind.PUT, VALUE);
      }
    }
    done.set(true);
    reader.join();
    assertThat(wrong.get()).as("of " + looks.get() + " seeks").isZero();
  }

  /**
   * A writer publishes batch after batch, as the engine does; what a reader was told of it sees,
   * with every key of a batch or none, by gets and by walks both ways.
   */
  @ParameterizedTest
  @EnumSource
  void readersSeeWholeBatchesUpToWhatWasPublished(MemtableKind kind) throws InterruptedException {
    for (long seed : seeds(3)) {
      Memtable memtable = kind.create();
      AtomicLong published = new AtomicLong();
      AtomicBoolean done = new AtomicBoolean();
      List<String> wrongs = Collections.synchronizedList(new ArrayList<>());
      List<Thread> readers = new ArrayList<>();
      for (int r = 0; r < 2; r++) {
        Random random = new Random(seed + r);
        readers.add(
            Thread.ofPlatform()
                .start(() -> {
                  while (!done.get() && wrongs.isEmpty()) {
                    readOne(memtable, published.get(), random, wrongs);
                  }
                }));
      }
      Random random = new Random(seed);
      for (int sequence = 1; sequence <= 3_000; sequence++) {
        int spread = random.nextInt(1, 1 << random.nextInt(1, 20));
        for (int copy = 0; copy < 3; copy++) {
          memtable.add(key(copy, spread), sequence, sequence, EntryKind.PUT, value(sequence));
          memtable.add(key(copy, 0), sequence, sequence, EntryKind.PUT, value(sequence));
        }
        published.set(sequence);
      }
      done.set(true);
      for (Thread reader : readers) {
        reader.join();
      }
      assertThat(wrongs).as("seed " + seed).isEmpty();
    }
  }

  private static byte[] key(int copy, int number) {
    return ByteBuffer.allocate(6).put((byte) copy).put((byte) number).putInt(number).array();
  }

  private static byte[] value(long sequence) {
    return ByteBuffer.allocate(8).putLong(sequence).array();
  }

  /** Key 0 is in every batch, so its newest version tells the batch; each other key thrice. */
  private static void readOne(Memtable memtable, long seen, Random random, List<String> wrongs) {
    for (int copy = 0; copy < 3; copy++) {
      long at = random.nextBoolean() ? Long.MAX_VALUE : seen == 0 ? 0 : random.nextLong(seen + 1);
      Versioned found = memtable.get(key(copy, 0), at, seen);
      long expected = Math.min(at, seen);
      if (expected > 0 && (found == null || found.timestamp() != expected)) {
        wrongs.add("get of copy " + copy + "@" + at + " by " + seen + " found " + found);
      }
    }
    boolean forward = random.nextBoolean();
    EntryIterator iterator = memtable.iterator(seen);
    int[] entries = new int[3];
    if (forward) {
      iterator.seekFirst();
    } else {
      iterator.seekLast();
    }
    byte[] before = null;
    for (; iterator.valid(); move(iterator, forward)) {
      byte[] key = iterator.entry().keyCopy();
      entries[key[0]]++;
      long timestamp = iterator.entry().timestamp();
      if (timestamp > seen
          || ByteBuffer.wrap(iterator.entry().valueCopy()).getLong() != timestamp) {
        wrongs.add("entry of " + timestamp + " by " + seen);
      }
      int order = before == null ? 0 : Arrays.compareUnsigned(before, key);
      if (forward ? order > 0 : order < 0) {
        wrongs.add("out of order, forward " + forward);
      }
      before = key;
    }
    if (entries[0] != entries[1] || entries[1] != entries[2] || entries[0] != 2 * seen) {
      wrongs.add("entries " + Arrays.toString(entries) + " by " + seen + " forward " + forward);
    }
  }

  private static void move(EntryIterator iterator, boolean forward) {
    if (forward) {
      iterator.next();
    } else {
      iterator.prev();
    }
  }

  /** A counter that is written all the time must not make reads of its past linear. */
  @Test
  void oldVersionOfAKeyWrittenOftenIsFoundInFewSteps() {
    TrieMemtable memtable = new TrieMemtable();
    for (int i = 1; i <= 100_000; i++) {
      memtable.add(VALUE, i, i, EntryKind.PUT, VALUE);
    }
    int leaf = memtable.similarLeaf(memtable.root(), VALUE, VALUE.length);
    for (int sought = 1; sought <= 100_000; sought += 997) {
      int steps = 0;
      int version = memtable.newest(leaf);
      while (memtable.timestamp(version) > sought) {
        version = memtable.stepToward(version, sought);
        steps++;
      }
      assertThat(memtable.timestamp(version)).isEqualTo(sought);
      assertThat(steps).as("steps to version " + sought).isLessThan(60);
    }
  }

  /**
   * So many that each way to sort them is taken: keys alike for long, ends in a window, versions.
   */
  @Test
  void entriesForReplayAreSortedWhateverTheKeys() {
    for (long seed : seeds(3)) {
      Random random = new Random(seed);
      List<KeyMaker> shapes = new ArrayList<>(keyMakers());
      shapes.add(r -> ("tenant/" + r.nextInt(3) + "/user/" + r.nextInt(500)).getBytes(UTF_8));
      shapes.add(r -> shapes.get(r.nextInt(keyMakers().size())).next(r));
      for (int shape = 0; shape < shapes.size(); shape++) {
        ReplayMemtable memtable = new ReplayMemtable();
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < 4_000; i++) {
          Place place = new Place(shapes.get(shape).next(random), late(random, i), i);
          places.add(place);
          memtable.add(place.key(), place.timestamp(), i, EntryKind.PUT, VALUE);
        }
        places.sort(Place.ORDER);
        List<String> found = new ArrayList<>();
        EntryIterator iterator = memtable.iterator(Long.MAX_VALUE);
        for (iterator.seekFirst(); iterator.valid(); iterator.next()) {
          found.add(new Place(iterator.entry().keyCopy(), iterator.entry().timestamp(), 0).text());
        }
        assertThat(found)
            .as("seed %d, shape %d", seed, shape)
            .isEqualTo(places.stream().map(Place::text).toList());
      }
    }
  }

  private static long late(Random random, int now) {
    return random.nextInt(100) == 0 ? random.nextInt(now + 1) : now;
  }

  @ParameterizedTest
  @MethodSource("all")
  void bytesGrowWithWhatIsHeld(Supplier<Memtable> maker) {
    Memtable memtable = maker.get();
    long before = memtable.bytes();
    assertThat(before).isLessThan(4_000);
    for (int i = 0; i < 1_000; i++) {
      memtable.add(key(0, i), i, i, EntryKind.PUT, new byte[1_000]);
    }
    assertThat(memtable.bytes() - before).isBetween(1_000_000L, 1_500_000L);
  }
}
