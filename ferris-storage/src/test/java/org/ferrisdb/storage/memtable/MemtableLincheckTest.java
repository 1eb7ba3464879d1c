package org.ferrisdb.storage.memtable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.Versioned;
import org.ferrisdb.storage.key.EntryIterator;
import org.ferrisdb.storage.testing.EngineModel;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * One writer and many readers of a memtable, as the engine uses it: the writer adds, then publishes
 * the sequence; a reader takes the sequence, then looks. Lincheck runs random scenarios through
 * chosen interleavings of their reads and writes of memory (its model checking, which runs on JDK
 * 25), and looks whether each outcome is one that some order of the calls explains. {@code
 * -Dferris.lincheck.iterations=N} runs more scenarios.
 */
@Tag("lincheck") // in a JVM of its own
final class MemtableLincheckTest {
  private static final int ITERATIONS = Integer.getInteger("ferris.lincheck.iterations", 4);

  /** Calls of both kinds of memtable. */
  @Param(name = "key", gen = IntGen.class, conf = "0:3")
  public abstract static class Subject {
    private static final String[] KEYS = {"a", "ab", "abd", "b"};
    private static final String[] SOUGHT = {"A", "aa", "abc", "c"};

    private final Memtable memtable;
    private volatile long visible;
    private long sequence;

    Subject(Memtable memtable) {
      this.memtable = memtable;
    }

    /** Writes a batch of one or two keys. */
    @Operation(nonParallelGroup = "writer")
    public void put(@Param(name = "key") int key, @Param(name = "key") int other) {
      sequence++;
      add(key, EntryKind.PUT);
      if (other != key) {
        add(other, EntryKind.PUT);
      }
      visible = sequence;
    }

    /** Deletes a key. */
    @Operation(nonParallelGroup = "writer")
    public void delete(@Param(name = "key") int key) {
      sequence++;
      add(key, EntryKind.TOMBSTONE);
      visible = sequence;
    }

    private void add(int key, EntryKind kind) {
      byte[] value = kind == EntryKind.PUT ? EngineModel.bytes("v" + sequence) : new byte[0];
      memtable.add(EngineModel.bytes(KEYS[key]), sequence, sequence, kind, value);
    }

    /** The newest value. */
    @Operation
    public @Nullable String get(@Param(name = "key") int key) {
      Versioned found = memtable.get(EngineModel.bytes(KEYS[key]), Long.MAX_VALUE, visible);
      return found == null ? null : found.timestamp() + EngineModel.text(found.value());
    }

    /** The first key that is not before one that is never here, and its newest version. */
    @Operation
    public @Nullable String seek(@Param(name = "key") int sought) {
      try (EntryIterator entries = memtable.iterator(visible)) {
        entries.seek(EngineModel.bytes(SOUGHT[sought]), Long.MAX_VALUE);
        return entries.valid()
            ? EngineModel.text(entries.entry().keyCopy()) + entries.entry().timestamp()
            : null;
      }
    }

    /** The last key before one that is never here, and its oldest version. */
    @Operation
    public @Nullable String seekBefore(@Param(name = "key") int sought) {
      try (EntryIterator entries = memtable.iterator(visible)) {
        entries.seekBefore(EngineModel.bytes(SOUGHT[sought]));
        return entries.valid()
            ? EngineModel.text(entries.entry().keyCopy()) + entries.entry().timestamp()
            : null;
      }
    }

    /** All versions. */
    @Operation
    public String scan() {
      List<String> found = new ArrayList<>();
      try (EntryIterator entries = memtable.iterator(visible)) {
        for (entries.seekFirst(); entries.valid(); entries.next()) {
          found.add(EngineModel.text(entries.entry().keyCopy()) + entries.entry().timestamp());
        }
      }
      return found.toString();
    }

    /** All versions, from the end. */
    @Operation
    public String scanBackward() {
      List<String> found = new ArrayList<>();
      try (EntryIterator entries = memtable.iterator(visible)) {
        for (entries.seekLast(); entries.valid(); entries.prev()) {
          found.add(EngineModel.text(entries.entry().keyCopy()) + entries.entry().timestamp());
        }
      }
      return found.toString();
    }
  }

  /** With a trie. */
  public static final class Trie extends Subject {
    public Trie() {
      super(new TrieMemtable());
    }
  }

  /** With a skip list. */
  public static final class SkipList extends Subject {
    public SkipList() {
      super(new SkipListMemtable());
    }
  }

  /** What they should do. */
  public static final class Model {
    private final TreeMap<String, TreeMap<Long, String>> versions = new TreeMap<>();
    private long sequence;

    public void put(int key, int other) {
      sequence++;
      add(key, "v" + sequence);
      add(other, "v" + sequence);
    }

    public void delete(int key) {
      sequence++;
      add(key, "");
    }

    private void add(int key, String value) {
      versions.computeIfAbsent(Subject.KEYS[key], k -> new TreeMap<>()).put(sequence, value);
    }

    public @Nullable String get(int key) {
      TreeMap<Long, String> history = versions.get(Subject.KEYS[key]);
      return history == null ? null : history.lastKey() + history.lastEntry().getValue();
    }

    public @Nullable String seek(int sought) {
      Map.Entry<String, TreeMap<Long, String>> found =
          versions.ceilingEntry(Subject.SOUGHT[sought]);
      return found == null ? null : found.getKey() + found.getValue().lastKey();
    }

    public @Nullable String seekBefore(int sought) {
      Map.Entry<String, TreeMap<Long, String>> found = versions.lowerEntry(Subject.SOUGHT[sought]);
      return found == null ? null : found.getKey() + found.getValue().firstKey();
    }

    public String scan() {
      return all().toString();
    }

    public String scanBackward() {
      return all().reversed().toString();
    }

    private List<String> all() {
      List<String> found = new ArrayList<>();
      for (Map.Entry<String, TreeMap<Long, String>> entry : versions.entrySet()) {
        entry.getValue().descendingKeySet().forEach(at -> found.add(entry.getKey() + at));
      }
      return found;
    }
  }

  private static ModelCheckingOptions options() {
    return new ModelCheckingOptions()
        .threads(2)
        .actorsBefore(2)
        .actorsPerThread(3)
        .actorsAfter(1)
        .iterations(ITERATIONS)
        .invocationsPerIteration(100)
        .sequentialSpecification(Model.class);
  }

  @Test
  void readers_of_a_trie_see_whole_batches_in_order() {
    options().check(Trie.class);
  }

  @Test
  void readers_of_a_skip_list_see_whole_batches_in_order() {
    options().check(SkipList.class);
  }
}
