package org.ferrisdb.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.ferrisdb.client.wire.EntryProto;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.GetReply;
import org.ferrisdb.client.wire.GetRequest;
import org.ferrisdb.client.wire.ScanReply;
import org.ferrisdb.client.wire.ScanRequest;
import org.ferrisdb.client.wire.ValueProto;
import org.jspecify.annotations.Nullable;

/** The calls that read. */
final class ReadCalls {
  private ReadCalls() {}

  static Bytes bytes(ByteString string) {
    return Bytes.wrap(string.toByteArray());
  }

  static ByteString string(Bytes bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes.array());
  }

  /**
   * Reads keys of one shard; the result is made of those that have a value, in the order of asking.
   */
  static final class GetCall<T> extends ShardCall<T> {
    private final List<Bytes> keys;
    private final long timestamp;
    private final Function<List<Entry>, T> result;

    GetCall(
        List<Bytes> keys,
        long timestamp,
        Function<List<Entry>, T> result,
        long start,
        long timeout,
        boolean patient) {
      super(start, timeout, patient, saturated(keys.stream().mapToLong(Bytes::length).sum()));
      this.keys = keys;
      this.timestamp = timestamp;
      this.result = result;
    }

    @Override
    @Nullable ShardRoute findRoute(RouteTable table) {
      return table.find(keys.get(0));
    }

    @Override
    boolean fits(ShardRoute candidate) {
      return keys.size() == 1 || keys.stream().allMatch(candidate::contains);
    }

    /** Its shard was split meanwhile: {@code getAll} groups the keys anew. */
    @Override
    void doesNotFit(ClientCore core) {
      core.fail(this, Failures.crossShard(this));
    }

    @Override
    void fill(Envelope.Builder envelope) {
      ShardRoute target = routeSent();
      GetRequest.Builder get =
          GetRequest.newBuilder()
              .setShardId(target.id)
              .setEpoch(target.epoch)
              .setTimestamp(timestamp);
      for (Bytes key : keys) {
        get.addKeys(string(key));
      }
      envelope.setGet(get);
    }

    @Override
    void answered(ClientCore core, Envelope reply, NodeLink from) {
      GetReply get = reply.getGetReply();
      if (!reply.hasGetReply() || get.getValuesCount() != keys.size()) {
        core.fail(this, Failures.nonsense(this, from, "no reply to its " + keys.size() + " keys"));
        return;
      }
      if (timestamp == 0) {
        core.oracle().observe(get.getTimestamp());
      }
      confirm(from);
      List<Entry> entries = new ArrayList<>(keys.size());
      for (int i = 0; i < keys.size(); i++) {
        ValueProto value = get.getValues(i);
        if (value.getPresent()) {
          entries.add(
              new Entry(keys.get(i), bytes(value.getValue()), new Version(value.getVersion())));
        }
      }
      core.succeed(this, result.apply(entries));
    }

    @Override
    String describe() {
      return "get " + keys.get(0) + (keys.size() > 1 ? " and " + (keys.size() - 1) + " more" : "");
    }
  }

  /** Reads one page of the part of a scan that lies in one shard. */
  static final class ScanCall extends ShardCall<ScanPage> {
    private final ScanSpec spec;
    private final KeyRange range;
    private final long timestamp;
    private final int maxEntries;
    private final int maxBytes;

    /**
     * @param spec direction, and whether only keys are read
     * @param range what is left to be read
     * @param timestamp 0: now
     */
    ScanCall(
        ScanSpec spec,
        KeyRange range,
        long timestamp,
        int maxEntries,
        int maxBytes,
        long start,
        long timeout,
        boolean patient) {
      super(start, timeout, patient, 64);
      this.spec = spec;
      this.range = range;
      this.timestamp = timestamp;
      this.maxEntries = maxEntries;
      this.maxBytes = maxBytes;
    }

    @Override
    @Nullable ShardRoute findRoute(RouteTable table) {
      return spec.reverse() ? table.findBelow(range.end()) : table.find(range.start());
    }

    @Override
    void fill(Envelope.Builder envelope) {
      ShardRoute target = routeSent();
      KeyRange part = ScanPlan.within(range, target.start, target.end);
      envelope.setScan(
          ScanRequest.newBuilder()
              .setShardId(target.id)
              .setEpoch(target.epoch)
              .setFrom(string(part.start()))
              .setTo(string(part.end().orElse(Bytes.empty())))
              .setReverse(spec.reverse())
              .setMaxEntries(maxEntries)
              .setMaxBytes(maxBytes)
              .setKeysOnly(spec.keysOnly())
              .setTimestamp(timestamp));
    }

    @Override
    void answered(ClientCore core, Envelope reply, NodeLink from) {
      ScanReply scan = reply.getScanReply();
      if (!reply.hasScanReply() || (scan.getMore() && scan.getEntriesCount() == 0)) {
        core.fail(this, Failures.nonsense(this, from, "no page to a scan"));
        return;
      }
      if (scan.getEntriesCount() > maxEntries) {
        core.fail(this, Failures.nonsense(this, from, "a longer page than was asked for"));
        return;
      }
      if (timestamp == 0) {
        core.oracle().observe(scan.getTimestamp());
      }
      ShardRoute served = routeSent();
      confirm(from);
      List<Entry> entries = new ArrayList<>(scan.getEntriesCount());
      for (EntryProto entry : scan.getEntriesList()) {
        entries.add(
            new Entry(
                bytes(entry.getKey()), bytes(entry.getValue()), new Version(entry.getVersion())));
      }
      Version snapshot = new Version(timestamp == 0 ? scan.getTimestamp() : timestamp);
      Optional<Cursor> next =
          ScanPlan.next(
              range, spec.reverse(), snapshot, entries, scan.getMore(), served.start, served.end);
      core.succeed(this, new ScanPage(snapshot, entries, next));
    }

    @Override
    String describe() {
      return "scan from " + range.start() + range.end().map(end -> " to " + end).orElse("");
    }
  }
}
