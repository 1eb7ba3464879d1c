package org.ferrisdb.shard.leader;

import java.util.ArrayList;
import java.util.List;
import org.ferrisdb.shard.leader.Request.ReadRequest;
import org.ferrisdb.shard.leader.Request.WriteRequest;
import org.ferrisdb.shard.state.EntryBody.Command;

/** A log entry of writes that is being gathered or is in flight. Belongs to the loop. */
final class PendingEntry {
  /** A read that waits, and what it reads at. */
  record Waiter(ReadRequest request, long timestamp) {}

  final List<WriteRequest> requests = new ArrayList<>();
  final List<Command> commands = new ArrayList<>();

  /** Reads that may be answered when it has applied, and must be evaluated anew if it can not. */
  final List<Waiter> waiters = new ArrayList<>();

  /** Its place among the entries of this leader; later entries have higher ones. */
  final long order;

  long bytes;

  /** When it was proposed, monotonic. */
  long proposedNanos;

  PendingEntry(long order) {
    this.order = order;
  }

  void add(WriteRequest request, Command command) {
    requests.add(request);
    commands.add(command);
    bytes += request.entryBytes;
  }
}
