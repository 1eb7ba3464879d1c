package org.ferrisdb.node.console;

import org.jspecify.annotations.Nullable;

/**
 * Something that a node saw happen.
 *
 * @param atMillis when, by the wall clock of the node that saw it
 * @param by name of the node that saw it
 * @param level how much it matters
 * @param about what it is, the same for every node that sees the same thing
 * @param text one sentence in plain words, without a full stop
 * @param takeover where it is a change of leader: which
 */
record Event(
    long atMillis, String by, Level level, String about, String text, @Nullable Takeover takeover) {

  /** How much an event matters. */
  enum Level {
    /** Something is whole again. */
    GOOD,
    /** Worth knowing. */
    INFO,
    /** Served, but something is missing. */
    WARN,
    /** Something is not served, or may not be soon. */
    BAD
  }

  /**
   * A shard has a new leader.
   *
   * @param shard s1, s2, ... or meta
   * @param from name of the leader before, empty if unknown
   * @param to name of the leader now
   * @param term in which it leads
   */
  record Takeover(String shard, String from, String to, long term) {
    /** "n2 took over shard s3 from n1, term 7". */
    String words() {
      String what = shard.equals("meta") ? "the meta group" : "shard " + shard;
      if (from.isEmpty()) {
        return to + " leads " + what + ", term " + term;
      }
      return from.equals(to)
          ? to + " was elected leader of " + what + " again, term " + term
          : to + " took over " + what + " from " + from + ", term " + term;
    }
  }

  static Event of(Observation seen, Level level, String about, String text) {
    return new Event(seen.atMillis(), seen.self(), level, about, text, null);
  }

  static Event of(Observation seen, Takeover takeover) {
    return new Event(
        seen.atMillis(),
        seen.self(),
        takeover.from().isEmpty() ? Level.INFO : Level.WARN,
        "leader " + takeover.shard() + " " + takeover.term(),
        takeover.words(),
        takeover);
  }
}
