package org.ferrisdb.integration.planted;

import java.util.List;
import org.ferrisdb.storage.testing.Mutant;

/**
 * What others got wrong, planted into whole nodes. The simulation of a shard has more of them
 * ({@code org.ferrisdb.shard.simulation.PlantedBugs}); these are the ones that a user of a real
 * cluster would meet.
 */
public final class PlantedBugs {
  private static final String SHARD = "ferris-shard";
  private static final String RAFT = "ferris-raft";
  private static final String STORAGE = "ferris-storage";
  private static final String NODE = "ferris-node";
  private static final String TERM = "org.ferrisdb.shard.log.LeaderTerm";
  private static final String LOOP = "org.ferrisdb.shard.leader.EvaluationLoop";
  private static final String READS = "org.ferrisdb.shard.leader.ReadStage";
  private static final String WRITES = "org.ferrisdb.shard.leader.WriteStage";
  private static final String META = "org.ferrisdb.shard.meta.MetaLeader";
  private static final String PIPELINE = "org.ferrisdb.storage.CommitPipeline";

  private PlantedBugs() {}

  /** All of them, in the order of the table. */
  public static List<PlantedBug> all() {
    return List.of(
        new PlantedBug(noLease(), "register,snapshot", "refused-leader", 40),
        new PlantedBug(ratisReads(), "register,snapshot", "refused-leader", 60),
        new PlantedBug(acknowledgedEarly(), "register", "partition-one", 40),
        new PlantedBug(retriedTwice(), "register", "reset-connections", 40),
        new PlantedBug(checkpointWithoutPosition(), "register", "wiped-disk", 40),
        new PlantedBug(scanWithoutTimestamp(), "scan", "none", 20),
        new PlantedBug(oracleWithoutLease(), "snapshot", "late-handover", 40),
        new PlantedBug(flushThatDoesNothing(), "register", "power-loss", 100),
        new PlantedBug(directoryNotSynced(), "register", "power-loss", 40));
  }

  private static Mutant noLease() {
    return Mutant.of(
        "no-lease",
        "reads are served without a lease",
        SHARD,
        TERM,
        "return phase == Phase.CHAINED && lease.holds(now(), env.wallMillis().getAsLong());",
        "return phase == Phase.CHAINED;");
  }

  /**
   * Every answer to a read rests on a read of Ratis's own, as its LINEARIZABLE option does it, and
   * on no lease. A new leader still waits for the lease of the one before it.
   */
  private static Mutant ratisReads() {
    return Mutant.of(
            "ratis-reads",
            "Ratis's LINEARIZABLE reads instead of our lease",
            SHARD,
            READS,
            "boolean live = l.term.live(); // after everything was read: rule 3",
            "boolean live = l.term.ratisLive();")
        .and(SHARD, READS, "if (l.term.live()) {", "if (l.term.ratisLive()) {")
        .and(
            SHARD,
            LOOP,
            "leading() != l || l.barrier || !l.term.live() || refusal != null",
            "leading() != l || l.barrier || refusal != null")
        .and(
            SHARD,
            LOOP,
            "boolean live = now.demand();",
            "boolean live = now.demand() || now.ratisLive();")
        .and(
            SHARD,
            TERM,
            "public synchronized boolean live() {",
            "public boolean ratisLive() { return group.ratisRead(); }"
                + " public synchronized boolean live() {")
        .and(
            RAFT,
            "org.ferrisdb.raft.RaftGroup",
            "GroupStatus status();",
            "GroupStatus status();"
                + " default boolean ratisRead() { throw new UnsupportedOperationException(); }")
        .and(
            NODE,
            "org.ferrisdb.node.cluster.LateGroup",
            "public GroupStatus status() {",
            "public boolean ratisRead() { RaftGroup group = group();"
                + " return group != null && group.ratisRead(); }"
                + " @Override public GroupStatus status() {")
        .and(
            RAFT,
            "org.ferrisdb.raft.ratis.RatisGroup",
            "private static CompletableFuture<ProposalOutcome> notProposed(String reason) {",
            "@Override public boolean ratisRead() { try { return ((RaftClientAsynchronousProtocol)"
                + " current().division()).submitClientRequestAsync(RaftClientRequest.newBuilder()"
                + ".setClientId(host.client()).setServerId(host.peerId()).setGroupId(ratisId())"
                + ".setCallId(host.nextCall())"
                + ".setMessage(org.apache.ratis.protocol.Message.valueOf(\"r\"))"
                + ".setType(RaftClientRequest.readRequestType()).build())"
                + ".get(20, TimeUnit.MILLISECONDS).isSuccess(); }"
                + " catch (Exception e) { return false; } }"
                + " private static CompletableFuture<ProposalOutcome> notProposed(String reason) {")
        .and(
            RAFT,
            "org.ferrisdb.raft.ratis.ReplicaStateMachine",
            "private final GroupId group;",
            "@Override public java.util.concurrent.CompletableFuture<org.apache.ratis.protocol.Message>"
                + " query(org.apache.ratis.protocol.Message m) { return"
                + " java.util.concurrent.CompletableFuture.completedFuture(m); }"
                + " private final GroupId group;")
        .and(
            RAFT,
            "org.ferrisdb.raft.ratis.RatisSettings",
            "RaftServerConfigKeys.Write.setElementLimit(p, 1024);",
            "RaftServerConfigKeys.Read.setOption(p, RaftServerConfigKeys.Read.Option.LINEARIZABLE);"
                + " RaftServerConfigKeys.Write.setElementLimit(p, 1024);");
  }

  private static Mutant acknowledgedEarly() {
    return Mutant.of(
        "acknowledged-early",
        "a write is answered when its entry has been proposed",
        SHARD,
        WRITES,
        "if (!accepted) {",
        "for (int i = 0; i < entry.commands.size(); i++) {"
            + " entry.requests.get(i).result.complete(entry.commands.get(i).outcome()); }"
            + " if (!accepted) {");
  }

  private static Mutant retriedTwice() {
    return Mutant.of(
        "retried-twice",
        "a retried write is applied twice: the table of outcomes is ignored",
        SHARD,
        WRITES,
        "if (answerRepeated(l, request, call)) {",
        "if (false) {");
  }

  private static Mutant checkpointWithoutPosition() {
    return Mutant.of(
        "checkpoint-without-position",
        "a snapshot is installed without its applied index",
        STORAGE,
        "org.ferrisdb.storage.Checkpointer",
        "state.position(),",
        "AppliedPosition.NONE,");
  }

  private static Mutant scanWithoutTimestamp() {
    return Mutant.of(
        "scan-without-timestamp",
        "a scan reads each key as it is when it comes to it",
        SHARD,
        "org.ferrisdb.shard.leader.MvccReader",
        "state.cursor(from, to, timestamp, direction)",
        "state.cursor(from, to, Long.MAX_VALUE, direction)");
  }

  /** Ratis syncs the new file, and nobody the directory that has its name. */
  private static Mutant directoryNotSynced() {
    return Mutant.of(
        "directory-not-synced",
        "a new file of the Raft log is there after a power loss only by luck: its directory is not synced",
        RAFT,
        "org.ferrisdb.raft.ratis.DirectorySync",
        "force(directory); cleanAt",
        "cleanAt");
  }

  private static Mutant oracleWithoutLease() {
    return Mutant.of(
            "oracle-without-lease",
            "the oracle answers after its lease",
            SHARD,
            META,
            "return term.live() ? first : OptionalLong.empty();",
            "return first;")
        .and(SHARD, META, "if (!term.live()) { return OptionalLong.empty(); }", "");
  }

  private static Mutant flushThatDoesNothing() {
    return Mutant.of(
            "flush-that-does-nothing",
            "the engine loses entries at a crash that it had said to be durable",
            STORAGE,
            PIPELINE,
            "Slot target = freezeForFlush();",
            "Slot target = null;")
        .and(
            STORAGE,
            PIPELINE,
            "return versions.state().position();",
            "return tree.state().active().position;");
  }
}
