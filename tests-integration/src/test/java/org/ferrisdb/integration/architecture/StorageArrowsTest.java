package org.ferrisdb.integration.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The layers of the storage engine:
 *
 * <pre>
 * {io, metrics} &lt;- {key, flow} &lt;- {wal, memtable, sstable} &lt;- manifest &lt;- {cache, iterator}
 *     &lt;- compaction &lt;- {engine, inspect &lt;- repair}
 * </pre>
 *
 * <p>The engine is the root package, which also holds the words that all layers share (exceptions,
 * the kind of an entry). A layer may use such a word as long as the word itself, with all the root
 * types it mentions, rests only on layers to the left of that layer: so no cycle can arise.
 */
class StorageArrowsTest {
  private static final String STORAGE = "org.ferrisdb.storage";
  private static final String ENGINE = "";

  private static final Set<String> ALL_BUT_DOCTORS =
      Set.of(
          "io", "key", "wal", "memtable", "sstable", "manifest", "cache", "iterator", "compaction");

  private static final Map<String, Set<String>> ARROWS =
      Map.ofEntries(
          Map.entry("io", Set.of()),
          Map.entry("metrics", Set.of()),
          Map.entry("flow", Set.of("io", "metrics")),
          Map.entry("key", Set.of("io")),
          Map.entry("wal", Set.of("io", "key")),
          Map.entry("memtable", Set.of("io", "key")),
          Map.entry("sstable", Set.of("io", "key")),
          Map.entry("manifest", Set.of("io", "key", "wal", "memtable", "sstable")),
          Map.entry(
              "cache", Set.of("io", "metrics", "key", "wal", "memtable", "sstable", "manifest")),
          Map.entry("iterator", Set.of("io", "key", "wal", "memtable", "sstable", "manifest")),
          Map.entry(
              "compaction",
              Set.of("io", "key", "wal", "memtable", "sstable", "manifest", "cache", "iterator")),
          Map.entry("inspect", ALL_BUT_DOCTORS),
          Map.entry("repair", with(ALL_BUT_DOCTORS, "inspect")));

  private static Set<String> with(Set<String> layers, String more) {
    Set<String> all = new HashSet<>(layers);
    all.add(more);
    return all;
  }

  static Stream<String> layers() {
    return ARROWS.keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("layers")
  void aLayerUsesOnlyThoseToItsLeft(String layer) {
    var violations =
        OurClasses.sorted(
            OurClasses.under(STORAGE + "." + layer)
                .flatMap(user ->
                    OurClasses.usedBy(user)
                        .filter(used -> OurClasses.isUnder(used, STORAGE))
                        .filter(used -> !mayUse(layer, used))
                        .map(used -> user.getName() + " uses " + used.getName())));
    assertThat(violations)
        .as("org.ferrisdb.storage.%s may use only %s", layer, ARROWS.get(layer))
        .isEmpty();
  }

  @Test
  void everyPackageHasItsPlace() {
    assertThat(
            OurClasses.sorted(
                OurClasses.under(STORAGE)
                    .map(StorageArrowsTest::layerOf)
                    .filter(layer -> !layer.equals(ENGINE))))
        .as("packages of the engine; a new one needs its arrows in this test")
        .isSubsetOf(ARROWS.keySet());
  }

  /** So that tests can lose, tear and corrupt every byte the engine writes. */
  @Test
  void onlyIoTouchesFiles() {
    var violations =
        OurClasses.sorted(
            OurClasses.under(STORAGE)
                .filter(user -> !layerOf(user).equals("io"))
                .flatMap(user ->
                    OurClasses.usedBy(user)
                        .filter(StorageArrowsTest::touchesFiles)
                        .map(used -> user.getName() + " uses " + used.getName())));
    assertThat(violations).as("file access outside of org.ferrisdb.storage.io").isEmpty();
  }

  private static boolean mayUse(String layer, JavaClass used) {
    if (layerOf(used).equals(ENGINE)) {
      return ARROWS.getOrDefault(layer, Set.of()).containsAll(restsOn(used, new HashSet<>()));
    }
    return arrow(layer, layerOf(used));
  }

  private static boolean arrow(String layer, String other) {
    return layer.equals(other) || ARROWS.getOrDefault(layer, Set.of()).contains(other);
  }

  /** The layers that a root type mentions, itself or through other root types. */
  private static Set<String> restsOn(JavaClass rootType, Set<JavaClass> seen) {
    Set<String> layers = new HashSet<>();
    if (seen.add(rootType)) {
      OurClasses.usedBy(rootType)
          .filter(used -> OurClasses.isUnder(used, STORAGE))
          .forEach(used -> {
            if (layerOf(used).equals(ENGINE)) {
              layers.addAll(restsOn(used, seen));
            } else {
              layers.add(layerOf(used));
            }
          });
    }
    return layers;
  }

  /** Path names a file without touching it. */
  private static boolean touchesFiles(JavaClass used) {
    String name = used.getName();
    return (name.startsWith("java.nio.file.") && !name.equals("java.nio.file.Path"))
        || name.startsWith("java.nio.channels.")
        || name.equals("java.io.RandomAccessFile")
        || (name.startsWith("java.io.File") && !name.equals("java.io.FileNotFoundException"));
  }

  private static String layerOf(JavaClass c) {
    return OurClasses.childOf(STORAGE, c);
  }
}
