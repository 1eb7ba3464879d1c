package org.ferrisdb.shard.state;

import java.util.List;
import org.ferrisdb.shard.ShardRequests.Mutation;
import org.ferrisdb.shard.ShardRequests.WriteOutcome;
import org.ferrisdb.shard.map.ShardDescriptor;

/** What a log entry of a shard says; the no-op has no body. */
public sealed interface EntryBody {
  /**
   * Clients' writes, evaluated by the leader in this order.
   *
   * @param commands at least one
   */
  record Writes(List<Command> commands) implements EntryBody {
    public Writes {
      commands = List.copyOf(commands);
    }
  }

  /**
   * One client's write and how it ended.
   *
   * @param client whose
   * @param sequence its number at that client, from 1
   * @param acknowledgedBelow the client waits for no sequence below this any more
   * @param expiry timestamp after which it must not apply
   * @param timestamp its commit timestamp; strictly rising within a shard's log
   * @param outcome what the leader decided
   * @param mutations empty where a condition failed
   */
  record Command(
      ClientId client,
      long sequence,
      long acknowledgedBelow,
      long expiry,
      long timestamp,
      WriteOutcome outcome,
      List<Mutation> mutations) {
    public Command {
      mutations = List.copyOf(mutations);
    }
  }

  /**
   * The shard's range, replicas and epoch from here on: a barrier (rule 7).
   *
   * @param descriptor newer than the one before
   */
  record Descriptor(ShardDescriptor descriptor) implements EntryBody {}

  /**
   * Old versions may go, and time has passed.
   *
   * @param floor versions shadowed at this timestamp may be dropped; nobody may read below it
   * @param now a timestamp that has been drawn: what expired before it is forgotten
   */
  record GarbageFloor(long floor, long now) implements EntryBody {}
}
