package org.ferrisdb.shard;

import java.util.List;
import java.util.Optional;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.map.ShardDescriptor;

/** Why a shard did not answer a request. {@link #applied()} tells what that means for a write. */
public final class ShardException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The reasons; each maps to one error code of the wire protocol. */
  public enum Reason {
    NOT_LEADER,
    WRONG_EPOCH,
    UNAVAILABLE,
    OVERLOADED,
    LIMIT_EXCEEDED,
    INVALID,
    DEADLINE,
    OUTCOME_UNKNOWN,
    EXPIRED,
    TABLE_FULL,
    DISK_FULL,
    TIMESTAMP_INVALID,
    INTERNAL
  }

  /** Whether a write that ended with this exception may have been applied. */
  public enum Applied {
    /** Certainly not, now or later. */
    NO,
    /** It may have been, or may yet be. */
    UNKNOWN
  }

  private final Reason reason;
  private final Applied applied;
  private final transient Optional<NodeId> leader;
  private final transient List<ShardDescriptor> descriptors;

  /** Everything; stackless, because these are answers and not bugs. */
  public ShardException(
      Reason reason,
      Applied applied,
      String message,
      Optional<NodeId> leader,
      List<ShardDescriptor> descriptors) {
    super(message, null, false, false);
    this.reason = reason;
    this.applied = applied;
    this.leader = leader;
    this.descriptors = List.copyOf(descriptors);
  }

  /** A refusal: certainly not applied. */
  public static ShardException refused(Reason reason, String message) {
    return new ShardException(reason, Applied.NO, message, Optional.empty(), List.of());
  }

  /** An unknown outcome. */
  public static ShardException unknown(Reason reason, String message) {
    return new ShardException(reason, Applied.UNKNOWN, message, Optional.empty(), List.of());
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }

  /** What it means for a write. */
  public Applied applied() {
    return applied;
  }

  /** NOT_LEADER: who leads, if known. */
  public Optional<NodeId> leader() {
    return leader;
  }

  /** WRONG_EPOCH: newer descriptors, if known. */
  public List<ShardDescriptor> descriptors() {
    return descriptors;
  }
}
