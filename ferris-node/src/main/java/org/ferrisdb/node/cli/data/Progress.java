package org.ferrisdb.node.cli.data;

import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;

/** A progress bar on standard error if a person looks, nothing elsewhere. For one thread. */
final class Progress implements AutoCloseable {
  private final @Nullable ProgressBar bar;

  private Progress(@Nullable ProgressBar bar) {
    this.bar = bar;
  }

  /** Counts records towards an unknown end. */
  static Progress ofRecords(String task, boolean visible) {
    return new Progress(
        visible ? builder(task).setInitialMax(-1).setUnit(" records", 1).build() : null);
  }

  /** Counts bytes towards a known end. */
  static Progress ofBytes(String task, long total, boolean visible) {
    return new Progress(
        visible ? builder(task).setInitialMax(total).setUnit(" MiB", 1 << 20).build() : null);
  }

  private static ProgressBarBuilder builder(String task) {
    return new ProgressBarBuilder().setTaskName(task).setUpdateIntervalMillis(200);
  }

  void to(long position) {
    if (bar != null) {
      bar.stepTo(position);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
