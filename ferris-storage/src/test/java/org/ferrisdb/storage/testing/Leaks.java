package org.ferrisdb.storage.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.ferrisdb.storage.InterleavedResources;
import org.ferrisdb.storage.StorageResources;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Looks after every test of this module whether all is given back: no file of a {@link
 * FaultyFileSystem} or {@link TrackedFileSystem} is open, no block is in the cache of resources
 * that were made here, no thread of theirs is alive. (The engine maps no files.) JUnit finds it by
 * itself where {@code junit.jupiter.extensions.autodetection.enabled} is set; elsewhere it does
 * nothing and holds nothing. {@code -Dferris.leaks.stacks=true} tells who opened what is open.
 */
public final class Leaks implements BeforeAllCallback, AfterEachCallback {
  private static final boolean STACKS = Boolean.getBoolean("ferris.leaks.stacks");
  private static final Map<Object, Throwable> OPEN = new ConcurrentHashMap<>();
  private static final Queue<StorageResources> RESOURCES = new ConcurrentLinkedQueue<>();
  private static volatile boolean watching;

  /** Begins to look, in time for the first test object. */
  @Override
  public void beforeAll(ExtensionContext context) {
    watching = true;
  }

  /** A file was opened; the handle is an object of its own. */
  static void opened(Object handle, Path file) {
    if (watching) {
      OPEN.put(handle, new Opened(file.toString()));
    }
  }

  /** A handle was closed, not necessarily for the first time. */
  static void closed(Object handle) {
    OPEN.remove(handle);
  }

  /** Resources without threads, of which nothing may be left after the test. */
  public static StorageResources inline(long blockCacheBytes) {
    return watch(StorageResources.inline(blockCacheBytes));
  }

  /** Resources with threads, of which nothing may be left after the test. */
  public static StorageResources threads(long blockCacheBytes, int backgroundThreads) {
    return watch(new StorageResources(blockCacheBytes, backgroundThreads));
  }

  /**
   * Resources whose flushes and compactions run beside the script, of which nothing may be left
   * either.
   */
  public static StorageResources interleaved(
      long blockCacheBytes, int compactions, Interleaving interleaving) {
    return watch(InterleavedResources.of(blockCacheBytes, compactions, interleaving));
  }

  /** Resources whose compactions alone do so. */
  public static StorageResources interleavedCompactions(
      long blockCacheBytes, int compactions, Interleaving interleaving) {
    return watch(InterleavedResources.ofCompactions(blockCacheBytes, compactions, interleaving));
  }

  private static StorageResources watch(StorageResources resources) {
    if (watching) {
      RESOURCES.add(resources);
    }
    return resources;
  }

  @Override
  public void afterEach(ExtensionContext context) throws InterruptedException {
    List<Throwable> open = List.copyOf(OPEN.values());
    List<StorageResources> resources = List.copyOf(RESOURCES);
    OPEN.clear();
    RESOURCES.clear();
    if (context.getExecutionException().isPresent()) {
      return; // what failed had no chance to close
    }
    for (Throwable file : open) {
      throw new AssertionError(open.size() + " files are left open, one of them this", file);
    }
    for (StorageResources each : resources) {
      assertThat(each.stats().blockCacheBytes()).as("bytes left in a block cache").isZero();
      assertThat(each.stats().memtableBytes()).as("bytes left in the memtable budget").isZero();
    }
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("ferris-")) {
        // It may be on its last instructions.
        assertThat(thread.join(Duration.ofSeconds(20))).as("%s has ended", thread).isTrue();
      }
    }
  }

  /** Who opened a file. */
  private static final class Opened extends Throwable {
    private static final long serialVersionUID = 1L;

    Opened(String file) {
      super(file, null, false, STACKS);
    }
  }
}
