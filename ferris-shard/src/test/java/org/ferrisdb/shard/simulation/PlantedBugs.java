package org.ferrisdb.shard.simulation;

import java.util.List;
import org.ferrisdb.storage.testing.Mutant;

/**
 * Bugs that the simulation must find, each a change of few words in the production source. They are
 * what others got wrong, and what the rules of the design forbid one by one.
 */
public final class PlantedBugs {
  private static final String SHARD = "ferris-shard";
  private static final String RAFT = "ferris-raft";
  private static final String STORAGE = "ferris-storage";
  private static final String LEASE = "org.ferrisdb.raft.LeaderLease";
  private static final String TERM = "org.ferrisdb.shard.log.LeaderTerm";
  private static final String CHAIN = "org.ferrisdb.shard.log.EntryChain";
  private static final String LOOP = "org.ferrisdb.shard.leader.EvaluationLoop";
  private static final String READS = "org.ferrisdb.shard.leader.ReadStage";
  private static final String WRITES = "org.ferrisdb.shard.leader.WriteStage";
  private static final String READER = "org.ferrisdb.shard.leader.MvccReader";
  private static final String STATE = "org.ferrisdb.shard.state.ShardState";
  private static final String META = "org.ferrisdb.shard.meta.MetaLeader";

  private PlantedBugs() {}

  /** All of them; each must be found. */
  public static List<Mutant> all() {
    return List.of(
        Mutant.of(
            "no lease",
            "reads served without a lease",
            SHARD,
            TERM,
            "return phase == Phase.CHAINED && lease.holds(now(), env.wallMillis().getAsLong());",
            "return phase == Phase.CHAINED;"),
        Mutant.of(
                "lease looked at before the draw only",
                "the lease may end before the timestamp of a read is in hand (rule 3)",
                SHARD,
                READS,
                "boolean live = l.term.live(); // after everything was read: rule 3",
                "boolean live = true; //")
            .and(
                SHARD,
                LOOP,
                "leading() != l || l.barrier || !l.term.live() || refusal != null",
                "leading() != l || l.barrier || refusal != null")
            .and(SHARD, READS, "if (l.term.live()) {", "if (true) {"),
        Mutant.of(
            "no wait for the old lease",
            "a new leader serves while an earlier one may (rule 2)",
            RAFT,
            LEASE,
            "&& nowNanos - serveFromNanos >= 0;",
            ";"),
        Mutant.of(
            "lease from after the proposal",
            "the lease is counted from when the entry had applied (rule 1)",
            SHARD,
            TERM,
            "lease.renew(head.proposedNanos);",
            "lease.renew(now());"),
        Mutant.of(
            "suspension not noticed",
            "the lease goes on over a suspended machine's sleep",
            RAFT,
            LEASE,
            "if (Math.abs(apart) <= toleranceNanos) {",
            "if (true) {"),
        Mutant.of(
            "retry applied twice",
            "the table of outcomes is ignored (rule 10)",
            SHARD,
            WRITES,
            "if (answerRepeated(l, request, call)) {",
            "if (false) {"),
        Mutant.of(
            "forgotten retry executed",
            "a late repetition of an acknowledged call is evaluated anew (rule 10)",
            SHARD,
            "org.ferrisdb.shard.state.OutcomeTable",
            "return sequence < client.watermark ? FORGOTTEN : FRESH;",
            "return FRESH;"),
        Mutant.of(
            "scan without a timestamp",
            "a scan reads each key as it is now",
            SHARD,
            READER,
            "state.cursor(from, to, timestamp, direction)",
            "state.cursor(from, to, Long.MAX_VALUE, direction)"),
        Mutant.of(
                "oracle without a lease",
                "the oracle answers after its lease",
                SHARD,
                META,
                "return term.live() ? first : OptionalLong.empty();",
                "return first;")
            .and(SHARD, META, "if (!term.live()) { return OptionalLong.empty(); }", ""),
        Mutant.of(
            "oracle ahead of its bound",
            "timestamps are drawn below a bound that has not applied",
            SHARD,
            META,
            "extending = propose(List.of(extend), this::boundExtended);",
            "extending = propose(List.of(extend), this::boundExtended);"
                + " oracle.boundApplied(oracle.boundFor(maxCount));"),
        Mutant.of(
            "pending writes not waited for",
            "a read does not wait for what is in flight below its timestamp",
            SHARD,
            READS,
            "if (pending == null) {",
            "if (true) {"),
        Mutant.of(
            "predecessor ignored",
            "an entry is applied whose predecessor did not apply (rule 6)",
            SHARD,
            CHAIN,
            "frame.predecessor() != tail || frame.number() <= tail",
            "frame.number() <= tail"),
        Mutant.of(
            "overlay kept",
            "conditions are decided on what is in flight, though it is void (rule 6)",
            SHARD,
            WRITES,
            "l.overlay.remove(entry);",
            "if (result instanceof EntryResult.Applied) { l.overlay.remove(entry); }"),
        Mutant.of(
            "acknowledged before committed",
            "a write is answered when its entry has been proposed",
            SHARD,
            WRITES,
            "if (!accepted) {",
            "for (int i = 0; i < entry.commands.size(); i++) {"
                + " entry.requests.get(i).result.complete(entry.commands.get(i).outcome()); }"
                + " if (!accepted) {"),
        Mutant.of(
            "outcome answered before it applied",
            "a failed condition is answered while what it was decided on is in flight (rule 8)",
            SHARD,
            WRITES,
            "List<Mutation> mutations = committed ? w.mutations() : List.of();",
            "if (!committed) { request.result.complete(outcome); return null; }"
                + " List<Mutation> mutations = w.mutations();"),
        Mutant.of(
            "unknown said to be not applied",
            "an entry that may apply yet is reported as refused",
            SHARD,
            WRITES,
            "request.mayBeApplied |= v.mayApply();",
            ""),
        Mutant.of(
            "checkpoint without its position",
            "a snapshot is installed without its applied index",
            STORAGE,
            "org.ferrisdb.storage.Checkpointer",
            "state.position(),",
            "AppliedPosition.NONE,"),
        Mutant.of(
            "checkpoint with the chain of before",
            "a snapshot is installed, and the chain of entries goes on from the old state",
            SHARD,
            STATE,
            "chain = EntryChain.restore(read.chain());",
            ""),
        Mutant.of(
                "flush that does nothing",
                "the engine loses entries at a crash that it had said to be durable",
                STORAGE,
                "org.ferrisdb.storage.CommitPipeline",
                "Slot target = freezeForFlush();",
                "Slot target = null;")
            .and(
                STORAGE,
                "org.ferrisdb.storage.CommitPipeline",
                "return versions.state().position();",
                "return tree.state().active().position;"),
        Mutant.of(
            "position of a flush not kept",
            "a flush's table is there after a crash, and the position it stands for is not",
            STORAGE,
            "org.ferrisdb.storage.BackgroundWork",
            "logNumber, slot.position, before.garbageFloor(),",
            "logNumber, before.position(), before.garbageFloor(),"),
        Mutant.of(
            "table not synced",
            "a flushed table's bytes are not on disk when the manifest names it",
            STORAGE,
            "org.ferrisdb.storage.sstable.SSTableWriter",
            "file.sync();",
            ""));
  }

  /**
   * Changes that look like bugs and are none as things stand: the argument is beside each. A test
   * sees to it that this stays so, because what protects us here might go one day.
   */
  public static List<Mutant> harmless() {
    return List.of(
        // The loop looks at the lease after the timestamp is in hand. Whatever a later leader
        // writes
        // gets a later timestamp, so what is read at this one is right however long it takes.
        Mutant.of(
            "lease looked at before the read only",
            "what was read is answered though the lease ended meanwhile (rule 3)",
            SHARD,
            READS,
            "boolean live = l.term.live(); // after everything was read: rule 3",
            "boolean live = true; //"),
        // The lease held after the draw was asked for, and a later leader begins above the bound:
        // the
        // draw counts as of then.
        Mutant.of(
            "oracle's lease looked at before the draw only",
            "a draw is answered though the lease ended meanwhile (rule 3)",
            SHARD,
            META,
            "return term.live() ? first : OptionalLong.empty();",
            "return first;"),
        // Every write's timestamp is drawn after its leader's lease has begun, so it is above
        // whatever an earlier leader has read at: timestamps never go back. The floor will be
        // needed
        // when commits bring timestamps that were drawn elsewhere.
        Mutant.of(
            "floor not drawn",
            "the timestamp cache of a new leader begins at 0 instead of a timestamp drawn after"
                + " the wait",
            SHARD,
            LOOP,
            "leading = new LeaderState(which, floor);",
            "leading = new LeaderState(which, 0);"),
        // The leader refuses what has expired by the very timestamp that the entry carries.
        Mutant.of(
            "expiry not looked at when applied",
            "a command that has expired is applied all the same",
            SHARD,
            STATE,
            "commands = notExpired(writes.commands());",
            "commands = writes.commands();"));
  }
}
