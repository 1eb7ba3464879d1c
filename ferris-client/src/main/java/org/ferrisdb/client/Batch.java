package org.ferrisdb.client;

import com.google.protobuf.UnsafeByteOperations;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ferrisdb.client.wire.ConditionProto;
import org.ferrisdb.client.wire.MutationProto;

/**
 * Several changes that are applied together or not at all, and conditions that must all hold for
 * it.
 *
 * <p>All keys, those of conditions too, must lie in one shard: transactions over shards are not
 * there yet, and a batch over several ends with {@link CrossShardBatchException}, nothing applied.
 * Immutable; build one with {@link #builder()}:
 *
 * <pre>{@code
 * ferris.batch(Batch.builder()
 *     .ifVersion(alice, aliceVersion)
 *     .put(alice, utf8("90"))
 *     .put(bob, utf8("110"))
 *     .build());
 * }</pre>
 */
public final class Batch {
  final List<Bytes> keys;
  final List<MutationProto> mutations;
  final List<ConditionProto> conditions;
  final int bytes;

  private Batch(Builder builder) {
    keys = List.copyOf(builder.keys);
    mutations = List.copyOf(builder.mutations);
    conditions = List.copyOf(builder.conditions);
    bytes = builder.bytes;
  }

  /** An empty batch to add to. */
  public static Builder builder() {
    return new Builder();
  }

  /** How many keys it changes. */
  public int size() {
    return mutations.size();
  }

  /** Collects changes and conditions; not thread-safe. */
  public static final class Builder {
    private final List<Bytes> keys = new ArrayList<>(2);
    private final Set<Bytes> changed = new HashSet<>(2);
    private final List<MutationProto> mutations = new ArrayList<>(2);
    private final List<ConditionProto> conditions = new ArrayList<>(2);
    private int bytes;

    private Builder() {}

    /** Sets a key. A key is changed at most once in a batch. */
    public Builder put(Bytes key, Bytes value) {
      change(key, value.length());
      mutations.add(
          MutationProto.newBuilder()
              .setKey(UnsafeByteOperations.unsafeWrap(key.array()))
              .setValue(UnsafeByteOperations.unsafeWrap(value.array()))
              .build());
      return this;
    }

    /** Deletes a key; one that is not there may be deleted too. */
    public Builder delete(Bytes key) {
      change(key, 0);
      mutations.add(
          MutationProto.newBuilder()
              .setKey(UnsafeByteOperations.unsafeWrap(key.array()))
              .setDelete(true)
              .build());
      return this;
    }

    /** Only if the key has exactly this value. */
    public Builder ifValue(Bytes key, Bytes expected) {
      conditions.add(
          condition(key, expected.length())
              .setValue(UnsafeByteOperations.unsafeWrap(expected.array()))
              .build());
      return this;
    }

    /** Only if the key has a value of exactly this version. */
    public Builder ifVersion(Bytes key, Version expected) {
      conditions.add(condition(key, 8).setVersion(expected.value()).build());
      return this;
    }

    /** Only if the key has no value. */
    public Builder ifAbsent(Bytes key) {
      conditions.add(condition(key, 1).setAbsent(true).build());
      return this;
    }

    /**
     * The finished batch.
     *
     * @throws InvalidRequestException if it changes nothing
     */
    public Batch build() {
      if (mutations.isEmpty()) {
        throw new InvalidRequestException("a batch without a change", "add a put or a delete");
      }
      return new Batch(this);
    }

    private ConditionProto.Builder condition(Bytes key, int more) {
      keys.add(key);
      bytes += key.length() + more + 8;
      return ConditionProto.newBuilder().setKey(UnsafeByteOperations.unsafeWrap(key.array()));
    }

    private void change(Bytes key, int more) {
      if (key.isEmpty()) {
        throw new InvalidRequestException("an empty key", "a key has at least one byte");
      }
      if (!changed.add(key)) {
        throw new InvalidRequestException(
            "batch changes key " + key + " twice", "keep the change that should win");
      }
      keys.add(key);
      bytes += key.length() + more + 8;
    }
  }
}
