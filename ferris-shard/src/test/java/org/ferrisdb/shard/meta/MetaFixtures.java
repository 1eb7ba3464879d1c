package org.ferrisdb.shard.meta;

import java.util.ArrayList;
import java.util.List;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.PreSplit;
import org.ferrisdb.shard.map.ShardId;

/** A small cluster in commands: nodes n1.. with ids 1.., later holders of a name with other ids. */
public final class MetaFixtures {
  private MetaFixtures() {}

  /** A node id from a small number. */
  public static NodeId id(int number) {
    return new NodeId("%016x".formatted(number));
  }

  /** Ids from small numbers. */
  public static List<NodeId> ids(int... numbers) {
    List<NodeId> ids = new ArrayList<>();
    for (int number : numbers) {
      ids.add(id(number));
    }
    return ids;
  }

  /** A member whose addresses tell its number. */
  public static NodeRecord node(int number, String name) {
    return new NodeRecord(
        id(number), name, "c:" + number, "r:" + number, "h:" + number, NodeRecord.State.MEMBER);
  }

  /** Three nodes, evenly split shards on all of them. */
  public static MetaCommand.Form form(int shards) {
    return new MetaCommand.Form(
        List.of(node(1, "n1"), node(2, "n2"), node(3, "n3")),
        PreSplit.place(PreSplit.evenly(shards), ids(1, 2, 3), 3));
  }

  /** A report of changed replicas. */
  public static MetaCommand.ReplicasChanged replicas(long shard, long epoch, int... nodes) {
    return new MetaCommand.ReplicasChanged(new ShardId(shard), epoch, ids(nodes));
  }

  /** The state after the commands. */
  public static MetaState after(MetaState state, MetaCommand... commands) {
    MetaState next = state;
    for (MetaCommand command : commands) {
      next = MetaRules.decide(next, command).next();
    }
    return next;
  }
}
