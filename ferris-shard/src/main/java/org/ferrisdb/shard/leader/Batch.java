package org.ferrisdb.shard.leader;

import java.util.List;
import org.ferrisdb.shard.ShardException;
import org.ferrisdb.shard.leader.Request.ReadRequest;
import org.ferrisdb.shard.leader.Request.WriteRequest;

/** Requests that are evaluated together, for which timestamps are drawn at once. */
final class Batch {
  final List<ReadRequest> reads;
  final List<WriteRequest> writes;

  Batch(List<ReadRequest> reads, List<WriteRequest> writes) {
    this.reads = reads;
    this.writes = writes;
  }

  boolean isEmpty() {
    return reads.isEmpty() && writes.isEmpty();
  }

  void fail(ShardException why) {
    reads.forEach(r -> r.fail(why));
    writes.forEach(r -> r.fail(why));
  }
}
