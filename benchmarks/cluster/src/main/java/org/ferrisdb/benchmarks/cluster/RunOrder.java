package org.ferrisdb.benchmarks.cluster;

import java.util.ArrayList;
import java.util.List;

/** Who runs when. */
final class RunOrder {
  private RunOrder() {}

  /**
   * A turn.
   *
   * @param contestant whose
   * @param repetition from 1
   */
  record Turn(String contestant, int repetition) {}

  /**
   * Every contestant once in each repetition, each repetition beginning one further (A B C, B C A,
   * ...): whoever comes first after a pause, or last on a warm machine, is not always the same.
   */
  static List<Turn> of(List<String> contestants, int repetitions) {
    List<Turn> turns = new ArrayList<>();
    for (int r = 0; r < repetitions; r++) {
      for (int i = 0; i < contestants.size(); i++) {
        turns.add(new Turn(contestants.get((i + r) % contestants.size()), r + 1));
      }
    }
    return List.copyOf(turns);
  }
}
