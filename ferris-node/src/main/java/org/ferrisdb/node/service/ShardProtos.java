package org.ferrisdb.node.service;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.util.ArrayList;
import java.util.List;
import org.ferrisdb.client.wire.ConditionProto;
import org.ferrisdb.client.wire.EntryProto;
import org.ferrisdb.client.wire.GetReply;
import org.ferrisdb.client.wire.GetRequest;
import org.ferrisdb.client.wire.MutationProto;
import org.ferrisdb.client.wire.ScanReply;
import org.ferrisdb.client.wire.ScanRequest;
import org.ferrisdb.client.wire.ValueProto;
import org.ferrisdb.client.wire.WriteReply;
import org.ferrisdb.client.wire.WriteRequest;
import org.ferrisdb.shard.ShardException;
import org.ferrisdb.shard.ShardRequests.Condition;
import org.ferrisdb.shard.ShardRequests.Entry;
import org.ferrisdb.shard.ShardRequests.Get;
import org.ferrisdb.shard.ShardRequests.GetResult;
import org.ferrisdb.shard.ShardRequests.Mutation;
import org.ferrisdb.shard.ShardRequests.Scan;
import org.ferrisdb.shard.ShardRequests.ScanPage;
import org.ferrisdb.shard.ShardRequests.Value;
import org.ferrisdb.shard.ShardRequests.Write;
import org.ferrisdb.shard.ShardRequests.WriteOutcome;
import org.jspecify.annotations.Nullable;

/** Requests and answers of shards: between the words of the wire and their own. Pure functions. */
final class ShardProtos {
  private ShardProtos() {}

  /** A write as the shard takes it. */
  static Write write(WriteRequest r) {
    List<Condition> conditions = new ArrayList<>(r.getConditionsCount());
    for (ConditionProto c : r.getConditionsList()) {
      conditions.add(condition(c));
    }
    List<Mutation> mutations = new ArrayList<>(r.getMutationsCount());
    for (MutationProto m : r.getMutationsList()) {
      mutations.add(
          new Mutation(
              m.getKey().toByteArray(), m.getDelete() ? null : m.getValue().toByteArray()));
    }
    return new Write(
        r.getEpoch(),
        r.getClientHigh(),
        r.getClientLow(),
        r.getSequence(),
        r.getAcknowledgedBelow(),
        r.getExpiry(),
        conditions,
        mutations);
  }

  private static Condition condition(ConditionProto c) {
    byte[] key = c.getKey().toByteArray();
    return switch (c.getExpectedCase()) {
      case VALUE -> new Condition.HasValue(key, c.getValue().toByteArray());
      case VERSION -> new Condition.HasVersion(key, c.getVersion());
      case ABSENT -> {
        if (!c.getAbsent()) {
          throw invalid("a condition 'absent = false' is not known");
        }
        yield new Condition.IsAbsent(key);
      }
      case EXPECTED_NOT_SET -> throw invalid("a condition that expects nothing");
    };
  }

  private static ShardException invalid(String message) {
    return ShardException.refused(ShardException.Reason.INVALID, message);
  }

  static WriteReply reply(WriteOutcome outcome, long oracleNow) {
    WriteReply.Builder reply = WriteReply.newBuilder().setOracleNow(oracleNow);
    switch (outcome) {
      case WriteOutcome.Committed c -> reply.setApplied(true).setVersion(c.version());
      case WriteOutcome.ConditionFailed f ->
          reply
              .setFailedCondition(f.condition())
              .setActualPresent(f.actualPresent())
              .setActualVersion(f.actualVersion());
    }
    return reply.build();
  }

  static Get get(GetRequest r) {
    List<byte[]> keys = new ArrayList<>(r.getKeysCount());
    for (ByteString key : r.getKeysList()) {
      keys.add(key.toByteArray());
    }
    return new Get(r.getEpoch(), keys, r.getTimestamp());
  }

  static GetReply reply(GetResult result) {
    GetReply.Builder reply = GetReply.newBuilder().setTimestamp(result.timestamp());
    for (@Nullable Value value : result.values()) {
      reply.addValues(
          value == null
              ? ValueProto.getDefaultInstance()
              : ValueProto.newBuilder()
                  .setPresent(true)
                  .setVersion(value.version())
                  .setValue(UnsafeByteOperations.unsafeWrap(value.value()))
                  .build());
    }
    return reply.build();
  }

  static Scan scan(ScanRequest r, int maxEntries, int maxBytes) {
    return new Scan(
        r.getEpoch(),
        r.getFrom().toByteArray(),
        r.getTo().toByteArray(),
        r.getReverse(),
        maxEntries,
        maxBytes,
        r.getKeysOnly(),
        r.getTimestamp());
  }

  static ScanReply reply(ScanPage page) {
    ScanReply.Builder reply =
        ScanReply.newBuilder().setTimestamp(page.timestamp()).setMore(page.more());
    for (Entry entry : page.entries()) {
      reply.addEntries(
          EntryProto.newBuilder()
              .setKey(UnsafeByteOperations.unsafeWrap(entry.key()))
              .setValue(UnsafeByteOperations.unsafeWrap(entry.value()))
              .setVersion(entry.version()));
    }
    return reply.build();
  }
}
