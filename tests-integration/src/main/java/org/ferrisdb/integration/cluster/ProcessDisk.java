package org.ferrisdb.integration.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.ferrisdb.node.local.LocalCluster;
import org.ferrisdb.node.local.NodeProcess;
import org.jspecify.annotations.Nullable;

/** The data directory of a node process. */
final class ProcessDisk implements Disk, AutoCloseable {
  private final ProcessCluster cluster;
  private final NodeProcess node;
  private final @Nullable SmallDisk small;
  private final FaultLibrary.@Nullable Control control;
  private final @Nullable UnsyncedJournal journal;

  ProcessDisk(
      ProcessCluster cluster,
      NodeProcess node,
      @Nullable SmallDisk small,
      FaultLibrary.@Nullable Control control,
      @Nullable UnsyncedJournal journal) {
    this.cluster = cluster;
    this.node = node;
    this.small = small;
    this.control = control;
    this.journal = journal;
  }

  @Override
  public void wipe() {
    mustNotRun();
    try {
      NodeLogs.keep(node);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    // The directory itself may be a mount.
    try (DirectoryStream<Path> files = Files.newDirectoryStream(node.dataDir())) {
      files.forEach(LocalCluster::deleteTree);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    allIsDurable();
  }

  private void allIsDurable() {
    if (journal != null) {
      journal.allIsDurable();
    }
  }

  /** Before its node starts: what the one before it wrote may still be lost, so it goes on. */
  void beforeStart() {
    if (journal != null) {
      journal.trim();
    }
  }

  private void mustNotRun() {
    if (node.isRunning()) {
      throw new IllegalStateException("node " + node.name() + " is running: kill it first");
    }
  }

  @Override
  public void fill() {
    cluster.require(Fault.FULL_DISK);
    if (small != null) {
      small.fill();
    }
  }

  @Override
  public void free() {
    if (small != null) {
      small.free();
    }
  }

  @Override
  public void slow(Duration delay) {
    cluster.require(Fault.SLOW_DISK);
    if (control != null) {
      control.delayMicros(delay.toNanos() / 1000);
    }
  }

  @Override
  public void failSyncs() {
    cluster.require(Fault.FAILING_FSYNC);
    if (control != null) {
      control.fail(true);
    }
  }

  @Override
  public long faultySyncs() {
    return control == null ? 0 : control.count();
  }

  @Override
  public boolean isImpaired() {
    return (control != null && control.isFaulty()) || (small != null && small.isFull());
  }

  @Override
  public void heal() {
    if (control != null) {
      control.fail(false);
      control.delayMicros(0);
    }
    free();
  }

  @Override
  public Map<String, Long> loseUnsynced(Random random) {
    cluster.require(Fault.POWER_LOSS);
    mustNotRun();
    return journal == null ? Map.of() : journal.lose(random);
  }

  @Override
  public List<String> damage(Damage damage, List<FileKind> kinds, Random random) {
    mustNotRun();
    allIsDurable(); // or what is undone later would be done to files that are not the same
    return FileDamage.damage(node.dataDir(), damage, kinds, random);
  }

  @Override
  public void close() {
    if (small != null) {
      small.close();
    }
  }
}
