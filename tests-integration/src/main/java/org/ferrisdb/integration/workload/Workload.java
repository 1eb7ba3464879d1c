package org.ferrisdb.integration.workload;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.integration.check.Checker;
import org.ferrisdb.integration.history.Event;

/**
 * One kind of work for a cluster, with the judge of its history. An object serves one run. {@link
 * #next} is called by one thread at a time; {@link #run} by many at once.
 */
public interface Workload {
  /** One word, as in {@code --workload}. */
  String name();

  /** Why it can not run yet, in one sentence; empty if it can. */
  default Optional<String> unsupported() {
    return Optional.empty();
  }

  /**
   * Writes what must be there before the first operation; not part of the history.
   *
   * @param ferris a client with a generous deadline
   * @throws org.ferrisdb.client.FerrisException if the cluster refuses
   */
  default void setUp(Ferris ferris) {}

  /**
   * The next operation. The same seeds give the same operations, whatever became of earlier ones.
   */
  Operation next(Random random);

  /** Does it and records how it went; never throws for what the cluster does. */
  void run(Client client, Operation operation);

  /**
   * Which shard an operation needs, named as by {@link KeySpace#shardOf}.
   *
   * @param invoke the event with which it began
   * @return empty if it needs several
   */
  default Optional<String> shardOf(Event invoke) {
    return Optional.empty();
  }

  /** What to ask of every node once everything is healed: reads of all that was written. */
  List<Operation> finalReads();

  /** Judges the events of this workload. */
  Checker checker();
}
