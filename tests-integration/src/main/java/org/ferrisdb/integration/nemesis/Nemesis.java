package org.ferrisdb.integration.nemesis;

import java.util.Optional;
import java.util.Random;
import org.ferrisdb.integration.cluster.Cluster;
import org.ferrisdb.integration.history.History;

/**
 * A kind of fault: strikes, lasts as long as its caller likes, is healed, may strike again.
 *
 * <p>Every begin, effect and end is in the history: {@code f} is the {@link #name}, the value a
 * map:
 *
 * <pre>
 *   phase     "begin", "effect" or "end"
 *   down      nodes whose process does not run or is paused, as of now, whoever did it
 *   impaired  nodes that run with a disk that is full, slow or fails, as of now
 *   cut       directions that are cut as of now: "n1>n2"
 *   ...       what is special: "nodes", "leader", "file", "seconds"
 * </pre>
 *
 * The first and last event of a strike are "begin" and "end", so what was injected lies between
 * them. One object belongs to one cluster and is used by one thread.
 */
public interface Nemesis {
  /** kill-one, partition-ring, ...; what people type. */
  String name();

  /** Why it can not strike this cluster, one line with the remedy; empty if it can. */
  Optional<String> unsupported(Cluster cluster);

  /**
   * Injects the fault and returns while it lasts; one that is over by then (a rolling restart) has
   * nothing left to heal. The choice of victims comes from {@code random} and the cluster's state.
   */
  void strike(Cluster cluster, Random random, History history);

  /** Ends what {@link #strike} began; does not wait until the cluster is healthy. */
  void heal(Cluster cluster, History history);
}
