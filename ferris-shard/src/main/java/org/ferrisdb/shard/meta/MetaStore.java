package org.ferrisdb.shard.meta;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.ferrisdb.raft.RaftPosition;
import org.ferrisdb.shard.log.EntryChain;
import org.ferrisdb.shard.map.FieldReader;
import org.ferrisdb.shard.map.FieldWriter;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.ReplicaRepair;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.map.ShardMap;
import org.ferrisdb.shard.state.ShardStore;
import org.ferrisdb.storage.AppliedPosition;
import org.ferrisdb.storage.EntryCursor;
import org.ferrisdb.storage.StorageEngine;
import org.ferrisdb.storage.StorageEngine.Direction;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.WriteBatch;
import org.jspecify.annotations.Nullable;

/**
 * The meta group's state in an engine, as rows; an entry writes the rows that it changes, and
 * always the first, in one batch at the entry's position.
 *
 * <pre>
 *   key                    value (fields as in FieldWriter)
 *   'a'                    16 bytes chain | u64 map version | u64 oracle bound | u64 next operation
 *                          | text fingerprint of the forming command
 *   'n' u32 ordinal        node; the ordinal is its place in the order of registration
 *   'd' u64 shard id       descriptor; 0 is the meta group
 *   'o' u64 operation id   u64 group | node id leaving | node id joining
 *   'r' u64 operation id   repair
 *   's' name in UTF-8      text value
 * </pre>
 *
 * <p>The engine's timestamps are Raft indexes; only the newest version is ever read. Calls come
 * from one thread at a time, except {@link #checkpoint}.
 */
final class MetaStore implements AutoCloseable {
  private static final long NEWEST = Long.MAX_VALUE;
  private static final byte[] APPLIED = {'a'};
  private static final Comparator<byte[]> BYTES = Arrays::compareUnsigned;

  private final ShardStore store;
  private EntryChain chain = new EntryChain();
  private RaftPosition applied = RaftPosition.NONE;

  MetaStore(ShardStore store) {
    this.store = store;
  }

  /** Opens what is on disk. */
  MetaState open() {
    return load(store.open());
  }

  /** Replaces everything by a checkpoint; a crash leaves the old or the new. */
  MetaState install(Path checkpoint) {
    return load(store.install(checkpoint));
  }

  /** Up to where the state goes, as applied (not necessarily durable). */
  RaftPosition position() {
    return applied;
  }

  /** The chain that entries must continue; moving it on is part of applying an entry. */
  EntryChain chain() {
    return chain;
  }

  /** Writes what an entry has changed. */
  void write(MetaState before, MetaState after, RaftPosition position) {
    WriteBatch batch = new WriteBatch();
    if (!before.equals(after)) {
      SortedMap<byte[], byte[]> old = rows(before);
      SortedMap<byte[], byte[]> rows = rows(after);
      rows.forEach((key, value) -> {
        if (!Arrays.equals(old.get(key), value)) {
          batch.put(key, position.index(), value);
        }
      });
      old.keySet().stream()
          .filter(key -> !rows.containsKey(key))
          .forEach(key -> batch.delete(key, position.index()));
    }
    writeAt(batch, after, position);
  }

  /** An entry that changed nothing stands at this position. */
  void advance(RaftPosition position) {
    if (position.index() > applied.index()) {
      applied = position;
    }
  }

  /** Makes everything applied durable; returns up to where. */
  RaftPosition flush(MetaState state) {
    StorageEngine engine = store.engine();
    if (applied.index() > engine.appliedPosition().index()) {
      // The log may be purged up to what is returned, so a restart must find that position.
      writeAt(new WriteBatch(), state, applied);
    }
    engine.raiseGarbageFloor(applied.index()); // nobody reads older versions
    return position(engine.flush());
  }

  /** Writes a complete copy into a directory that does not exist; returns what it holds. */
  RaftPosition checkpoint(Path directory) {
    return position(store.checkpoint(directory));
  }

  /** See {@link ShardStore#markDamaged}. */
  void markDamaged(String reason) throws IOException {
    store.markDamaged(reason);
  }

  /** What background work found corrupt. */
  StorageException.@Nullable Corruption corruption() {
    return store.corruption();
  }

  @Override
  public void close() {
    store.close();
  }

  private void writeAt(WriteBatch batch, MetaState state, RaftPosition position) {
    FieldWriter out = new FieldWriter();
    out.raw(chain.save()).u64(state.map().version()).u64(state.oracleBound());
    out.u64(state.nextOperation()).text(state.formedBy());
    batch.put(APPLIED, position.index(), out.toBytes());
    store.engine().write(batch.at(new AppliedPosition(position.term(), position.index())));
    applied = position;
  }

  /** All rows but the first, which is written with every entry. */
  private static SortedMap<byte[], byte[]> rows(MetaState state) {
    SortedMap<byte[], byte[]> rows = new TreeMap<>(BYTES);
    int ordinal = 0;
    for (NodeRecord node : state.map().nodes()) {
      rows.put(
          new FieldWriter().u8('n').u32(ordinal++).toBytes(),
          new FieldWriter().node(node).toBytes());
    }
    List<ShardDescriptor> groups = new ArrayList<>(state.map().shards());
    groups.add(state.map().metaMembers());
    for (ShardDescriptor group : groups) {
      rows.put(
          new FieldWriter().u8('d').u64(group.id().value()).toBytes(),
          new FieldWriter().descriptor(group).toBytes());
    }
    for (ReplicaReplacement operation : state.operations()) {
      rows.put(
          new FieldWriter().u8('o').u64(operation.id()).toBytes(),
          new FieldWriter()
              .u64(operation.group().value())
              .nodeId(operation.leaving())
              .nodeId(operation.joining())
              .toBytes());
    }
    for (ReplicaRepair repair : state.map().repairs()) {
      rows.put(
          new FieldWriter().u8('r').u64(repair.id()).toBytes(),
          new FieldWriter().repair(repair).toBytes());
    }
    for (Map.Entry<String, String> setting : state.settings().entrySet()) {
      rows.put(
          new FieldWriter()
              .u8('s')
              .raw(setting.getKey().getBytes(StandardCharsets.UTF_8))
              .toBytes(),
          new FieldWriter().text(setting.getValue()).toBytes());
    }
    return rows;
  }

  private MetaState load(StorageEngine engine) {
    Loader loader = new Loader();
    try (EntryCursor cursor = engine.cursor(null, null, NEWEST, Direction.FORWARD)) {
      while (cursor.next()) {
        loader.row(cursor.key(), cursor.value());
      }
    } catch (IllegalArgumentException | FieldReader.Malformed e) {
      throw new StorageException.Corruption("meta state that makes no sense: " + e.getMessage());
    }
    chain = loader.chain;
    applied = position(engine.appliedPosition());
    return loader.state();
  }

  private static RaftPosition position(AppliedPosition position) {
    return new RaftPosition(position.term(), position.index());
  }

  /** Rows back into a state; they come in key order, so nodes in the order of registration. */
  private static final class Loader {
    private final List<NodeRecord> nodes = new ArrayList<>();
    private final List<ShardDescriptor> shards = new ArrayList<>();
    private final List<ReplicaReplacement> operations = new ArrayList<>();
    private final List<ReplicaRepair> repairs = new ArrayList<>();
    private final SortedMap<String, String> settings = new TreeMap<>();
    private ShardDescriptor meta = ShardMap.EMPTY.metaMembers();
    private EntryChain chain = new EntryChain();
    private long version;
    private long bound;
    private long nextOperation = MetaState.EMPTY.nextOperation();
    private String formedBy = "";

    void row(byte[] key, byte[] value) {
      FieldReader in = new FieldReader(value);
      switch (key[0]) {
        case 'a' -> {
          chain = EntryChain.restore(in.raw(EntryChain.SAVED_BYTES));
          version = in.u64();
          bound = in.u64();
          nextOperation = in.u64();
          formedBy = in.text();
        }
        case 'd' -> {
          ShardDescriptor group = in.descriptor();
          if (group.id().equals(ShardId.META)) {
            meta = group;
          } else {
            shards.add(group);
          }
        }
        case 'n' -> nodes.add(in.node());
        case 'o' -> {
          long id = new FieldReader(ByteBuffer.wrap(key, 1, key.length - 1)).u64();
          operations.add(
              new ReplicaReplacement(id, new ShardId(in.u64()), in.nodeId(), in.nodeId()));
        }
        case 'r' -> repairs.add(in.repair());
        case 's' ->
            settings.put(new String(key, 1, key.length - 1, StandardCharsets.UTF_8), in.text());
        default -> throw in.malformed("a row of kind " + key[0]);
      }
      in.end();
    }

    MetaState state() {
      shards.sort((a, b) -> BYTES.compare(a.range().start(), b.range().start()));
      ShardMap map = new ShardMap(version, shards, nodes, meta, repairs);
      return new MetaState(map, formedBy, settings, bound, operations, nextOperation);
    }
  }
}
