package org.ferrisdb.client;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.ferrisdb.client.wire.ConditionProto;
import org.ferrisdb.client.wire.EntryProto;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.client.wire.ErrorReply;
import org.ferrisdb.client.wire.GetReply;
import org.ferrisdb.client.wire.GetRequest;
import org.ferrisdb.client.wire.LeaderHint;
import org.ferrisdb.client.wire.MapReply;
import org.ferrisdb.client.wire.MutationProto;
import org.ferrisdb.client.wire.NodeProto;
import org.ferrisdb.client.wire.Outcome;
import org.ferrisdb.client.wire.ScanReply;
import org.ferrisdb.client.wire.ScanRequest;
import org.ferrisdb.client.wire.ShardDescriptorProto;
import org.ferrisdb.client.wire.StatusReply;
import org.ferrisdb.client.wire.TimestampReply;
import org.ferrisdb.client.wire.ValueProto;
import org.ferrisdb.client.wire.WriteReply;
import org.ferrisdb.client.wire.WriteRequest;
import org.jspecify.annotations.Nullable;

/**
 * A small cluster with real semantics and no replication: one multi-version map that all its {@link
 * FakeNode}s share, leaders that the test appoints, epochs, an oracle and an exactly-once table.
 * What a node does with a request, when it answers at all, comes from here; what it does to the
 * client (drop, misdirect, hang, die) is the node's.
 */
final class FakeCluster implements AutoCloseable {
  static final String ID = "fake-cluster";

  /** One shard and who leads it. */
  static final class Shard {
    final long id;
    final Bytes start;
    final Bytes end;
    long epoch = 1;
    String leader;

    Shard(long id, Bytes start, Bytes end, String leader) {
      this.id = id;
      this.start = start;
      this.end = end;
      this.leader = leader;
    }

    boolean contains(Bytes key) {
      return key.compareTo(start) >= 0 && (end.isEmpty() || key.compareTo(end) < 0);
    }
  }

  private record Command(long high, long low, long sequence) {}

  final List<FakeNode> nodes = new ArrayList<>();
  final List<Shard> shards = new ArrayList<>();
  final NavigableMap<Bytes, NavigableMap<Long, Optional<Bytes>>> data = new TreeMap<>();
  private final Map<Command, WriteReply> outcomes = new HashMap<>();
  private long clock = 1_700_000_000_000L << 16;
  private long mapVersion = 1;
  int applied;
  int duplicates;
  boolean leadersInMap = true;

  FakeCluster(int nodeCount, String... splitKeys) {
    for (int i = 1; i <= nodeCount; i++) {
      nodes.add(new FakeNode(this, "n" + i));
    }
    Bytes start = Bytes.empty();
    for (int i = 0; i <= splitKeys.length; i++) {
      Bytes end = i < splitKeys.length ? Bytes.utf8(splitKeys[i]) : Bytes.empty();
      shards.add(new Shard(i + 1, start, end, nodes.get(i % nodeCount).id));
      start = end;
    }
  }

  FakeNode node(int number) {
    return nodes.get(number - 1);
  }

  FakeNode node(String id) {
    return nodes.stream().filter(node -> node.id.equals(id)).findFirst().orElseThrow();
  }

  String uri() {
    return "ferris://" + String.join(",", nodes.stream().map(FakeNode::address).toList());
  }

  synchronized long now() {
    return ++clock;
  }

  /** Lets the oracle's time pass. */
  synchronized void advanceMillis(long millis) {
    clock += millis << 16;
  }

  synchronized void lead(int shard, int node) {
    shards.get(shard - 1).leader = node(node).id;
  }

  /** Splits a shard in two; both halves have the next epoch. */
  synchronized void split(int shard, String at) {
    Shard old = shards.remove(shard - 1);
    Shard left = new Shard(old.id, old.start, Bytes.utf8(at), old.leader);
    Shard right = new Shard(100 + old.id, Bytes.utf8(at), old.end, old.leader);
    left.epoch = old.epoch + 1;
    right.epoch = old.epoch + 1;
    shards.add(shard - 1, left);
    shards.add(shard, right);
    mapVersion++;
  }

  /** What a correct node would answer. */
  synchronized Envelope.Builder answer(FakeNode self, Envelope request) {
    Envelope.Builder reply = Envelope.newBuilder();
    return switch (request.getBodyCase()) {
      case WRITE -> write(self, request.getWrite(), reply);
      case GET -> get(self, request.getGet(), reply);
      case SCAN -> scan(self, request.getScan(), reply);
      case MAP -> reply.setMapReply(map(request.getMap().getKnownVersion()));
      case TIMESTAMP -> reply.setTimestampReply(TimestampReply.newBuilder().setFirst(now()));
      case STATUS ->
          reply.setStatusReply(StatusReply.newBuilder().setJson("{\"node\":\"" + self.id + "\"}"));
      default -> error(reply, ErrorCode.UNSUPPORTED, "unknown request");
    };
  }

  private MapReply map(long known) {
    MapReply.Builder map = MapReply.newBuilder().setVersion(mapVersion).setClusterId(ID);
    if (Long.compareUnsigned(known, mapVersion) >= 0 && known != 0) {
      return map.build();
    }
    shards.forEach(shard -> map.addShards(descriptor(shard)));
    for (FakeNode node : nodes) {
      map.addNodes(
          NodeProto.newBuilder()
              .setNodeId(node.id)
              .setName(node.id)
              .setClientAddress(node.address())
              .setState("up"));
    }
    if (leadersInMap) {
      shards.forEach(
          s -> map.addLeaders(LeaderHint.newBuilder().setShardId(s.id).setNodeId(s.leader)));
      map.addLeaders(LeaderHint.newBuilder().setShardId(0).setNodeId(nodes.get(0).id));
    }
    return map.build();
  }

  ShardDescriptorProto descriptor(Shard shard) {
    return ShardDescriptorProto.newBuilder()
        .setShardId(shard.id)
        .setEpoch(shard.epoch)
        .setStart(string(shard.start))
        .setEnd(string(shard.end))
        .addAllReplicaNodeIds(nodes.stream().map(node -> node.id).toList())
        .build();
  }

  static Envelope.Builder error(Envelope.Builder reply, ErrorCode code, String message) {
    return reply.setError(
        ErrorReply.newBuilder().setCode(code).setOutcome(Outcome.NOT_APPLIED).setMessage(message));
  }

  /** The refusal for a request that this node does not serve at this epoch; null if it does. */
  private Envelope.@Nullable Builder misrouted(
      FakeNode self, long shardId, long epoch, Envelope.Builder reply) {
    Shard shard = shards.stream().filter(s -> s.id == shardId).findFirst().orElse(null);
    if (shard == null || shard.epoch != epoch) {
      ErrorReply.Builder error =
          ErrorReply.newBuilder()
              .setCode(ErrorCode.WRONG_EPOCH)
              .setOutcome(Outcome.NOT_APPLIED)
              .setMessage("old epoch");
      shards.forEach(s -> error.addDescriptors(descriptor(s)));
      return reply.setError(error);
    }
    if (!shard.leader.equals(self.id)) {
      return reply.setError(
          ErrorReply.newBuilder()
              .setCode(ErrorCode.NOT_LEADER)
              .setOutcome(Outcome.NOT_APPLIED)
              .setMessage("not the leader of shard " + shardId)
              .setLeaderNodeId(self.hints ? shard.leader : ""));
    }
    return null;
  }

  private Envelope.Builder write(FakeNode self, WriteRequest write, Envelope.Builder reply) {
    Envelope.Builder refusal = misrouted(self, write.getShardId(), write.getEpoch(), reply);
    if (refusal != null) {
      return refusal;
    }
    Command command = new Command(write.getClientHigh(), write.getClientLow(), write.getSequence());
    WriteReply known = outcomes.get(command);
    if (known != null) {
      duplicates++;
      return reply.setWriteReply(known);
    }
    if (Long.compareUnsigned(write.getExpiry(), clock) < 0) {
      return error(reply, ErrorCode.EXPIRED, "the command has expired");
    }
    WriteReply outcome = evaluate(write);
    outcomes.put(command, outcome);
    return reply.setWriteReply(outcome);
  }

  private WriteReply evaluate(WriteRequest write) {
    for (int i = 0; i < write.getConditionsCount(); i++) {
      ConditionProto condition = write.getConditions(i);
      ValueProto actual = read(bytes(condition.getKey()), Long.MAX_VALUE);
      boolean holds =
          switch (condition.getExpectedCase()) {
            case ABSENT -> !actual.getPresent();
            case VALUE -> actual.getPresent() && actual.getValue().equals(condition.getValue());
            case VERSION -> actual.getPresent() && actual.getVersion() == condition.getVersion();
            case EXPECTED_NOT_SET -> throw new IllegalArgumentException("no expectation");
          };
      if (!holds) {
        return WriteReply.newBuilder()
            .setFailedCondition(i)
            .setActualPresent(actual.getPresent())
            .setActualVersion(actual.getVersion())
            .setOracleNow(now())
            .build();
      }
    }
    long version = now();
    applied++;
    for (MutationProto mutation : write.getMutationsList()) {
      data.computeIfAbsent(bytes(mutation.getKey()), k -> new TreeMap<>())
          .put(
              version,
              mutation.getDelete() ? Optional.empty() : Optional.of(bytes(mutation.getValue())));
    }
    return WriteReply.newBuilder().setApplied(true).setVersion(version).setOracleNow(now()).build();
  }

  private Envelope.Builder get(FakeNode self, GetRequest get, Envelope.Builder reply) {
    Envelope.Builder refusal = misrouted(self, get.getShardId(), get.getEpoch(), reply);
    if (refusal != null) {
      return refusal;
    }
    long at = get.getTimestamp() == 0 ? now() : get.getTimestamp();
    GetReply.Builder found = GetReply.newBuilder().setTimestamp(at);
    get.getKeysList().forEach(key -> found.addValues(read(bytes(key), at)));
    return reply.setGetReply(found);
  }

  ValueProto read(Bytes key, long at) {
    Map.Entry<Long, Optional<Bytes>> version =
        data.getOrDefault(key, new TreeMap<>()).floorEntry(at);
    if (version == null || version.getValue().isEmpty()) {
      return ValueProto.getDefaultInstance();
    }
    return ValueProto.newBuilder()
        .setPresent(true)
        .setVersion(version.getKey())
        .setValue(string(version.getValue().get()))
        .build();
  }

  private Envelope.Builder scan(FakeNode self, ScanRequest scan, Envelope.Builder reply) {
    Envelope.Builder refusal = misrouted(self, scan.getShardId(), scan.getEpoch(), reply);
    if (refusal != null) {
      return refusal;
    }
    long at = scan.getTimestamp() == 0 ? now() : scan.getTimestamp();
    Bytes from = bytes(scan.getFrom());
    NavigableMap<Bytes, NavigableMap<Long, Optional<Bytes>>> range = data.tailMap(from, true);
    if (!scan.getTo().isEmpty()) {
      range = range.headMap(bytes(scan.getTo()), false);
    }
    ScanReply.Builder page = ScanReply.newBuilder().setTimestamp(at);
    for (Bytes key : scan.getReverse() ? range.descendingKeySet() : range.navigableKeySet()) {
      ValueProto value = read(key, at);
      if (value.getPresent()) {
        if (page.getEntriesCount() == scan.getMaxEntries()) {
          page.setMore(true);
          break;
        }
        page.addEntries(
            EntryProto.newBuilder()
                .setKey(string(key))
                .setValue(scan.getKeysOnly() ? ByteString.EMPTY : value.getValue())
                .setVersion(value.getVersion()));
      }
    }
    return reply.setScanReply(page);
  }

  static Bytes bytes(ByteString string) {
    return Bytes.ofBytes(string.toByteArray());
  }

  static ByteString string(Bytes bytes) {
    return ByteString.copyFrom(bytes.toByteArray());
  }

  @Override
  public void close() {
    nodes.forEach(FakeNode::close);
  }
}
