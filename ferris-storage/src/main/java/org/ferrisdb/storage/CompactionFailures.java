package org.ferrisdb.storage;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.ferrisdb.storage.compaction.CompactionPlan;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.Version;
import org.jspecify.annotations.Nullable;

/**
 * Which compactions of an engine have failed, and why. The tables of each are left alone until it
 * is time to try again, so that others can go on; the error stands until a compaction of some of
 * these tables succeeds, or they are gone. One thread at a time.
 */
final class CompactionFailures {
  private static final long FIRST_RETRY_MILLIS = 100;
  private static final long LAST_RETRY_MILLIS = 5_000;

  private final List<Failure> failures = new ArrayList<>();

  private static final class Failure {
    final CompactionPlan plan;
    final StorageException error;
    final long retryMillis;
    boolean left = true; // not to be tried again yet

    Failure(CompactionPlan plan, StorageException error, long retryMillis) {
      this.plan = plan;
      this.error = error;
      this.retryMillis = retryMillis;
    }

    boolean shares(CompactionPlan other) {
      return !Collections.disjoint(plan.numbers(), other.numbers());
    }
  }

  /** The error to tell: damage before anything else; null if there is none. */
  @Nullable StorageException error() {
    StorageException first = null;
    for (Failure failure : failures) {
      if (failure.error instanceof StorageException.Corruption) {
        return failure.error;
      }
      first = first == null ? failure.error : first;
    }
    return first;
  }

  /** What is not to be touched yet. */
  List<CompactionPlan> left() {
    return failures.stream().filter(failure -> failure.left).map(failure -> failure.plan).toList();
  }

  /** Notes a failure; returns after how many milliseconds it is time to try again. */
  long failed(CompactionPlan plan, StorageException error) {
    long delay =
        failures.stream()
            .filter(failure -> failure.shares(plan))
            .mapToLong(failure -> Math.min(2 * failure.retryMillis, LAST_RETRY_MILLIS))
            .max()
            .orElse(FIRST_RETRY_MILLIS);
    succeeded(plan);
    failures.add(new Failure(plan, error, delay));
    return delay;
  }

  /** Forgets what failed of these tables. */
  void succeeded(CompactionPlan plan) {
    failures.removeIf(failure -> failure.shares(plan));
  }

  /** It is time to try these tables again. */
  void retry(CompactionPlan plan) {
    for (Failure failure : failures) {
      failure.left &= !failure.shares(plan);
    }
  }

  /** It is time to try all again of which the tables are still there. */
  void retryAll(Version version) {
    if (failures.isEmpty()) {
      return;
    }
    Set<Long> there =
        version.levels().stream()
            .flatMap(List::stream)
            .map(TableMetadata::number)
            .collect(Collectors.toSet());
    failures.removeIf(failure -> !there.containsAll(failure.plan.numbers()));
    failures.forEach(failure -> failure.left = false);
  }

  /** Nothing is due: what was to be tried again is no longer wanted. */
  void forgetRetried() {
    failures.removeIf(failure -> !failure.left);
  }

  /** Forgets all. */
  void clear() {
    failures.clear();
  }
}
