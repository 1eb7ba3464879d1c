package org.ferrisdb.shard.testing;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.ferrisdb.shard.ShardEnvironment;
import org.ferrisdb.shard.ShardException;
import org.ferrisdb.shard.ShardLimits;
import org.ferrisdb.shard.ShardReplica;
import org.ferrisdb.shard.ShardRequests.Condition;
import org.ferrisdb.shard.ShardRequests.Get;
import org.ferrisdb.shard.ShardRequests.GetResult;
import org.ferrisdb.shard.ShardRequests.Mutation;
import org.ferrisdb.shard.ShardRequests.Scan;
import org.ferrisdb.shard.ShardRequests.ScanPage;
import org.ferrisdb.shard.ShardRequests.Value;
import org.ferrisdb.shard.ShardRequests.Write;
import org.ferrisdb.shard.ShardRequests.WriteOutcome;
import org.ferrisdb.shard.Timestamps;
import org.ferrisdb.shard.map.KeyRange;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.storage.Durability;
import org.ferrisdb.storage.StorageOptions;
import org.ferrisdb.storage.StorageResources;
import org.ferrisdb.storage.io.DiskFileSystem;
import org.ferrisdb.storage.io.FileSystem;
import org.jspecify.annotations.Nullable;

/** Replicas of one shard on a {@link SimulatedGroup}, with real engines on a real disk. */
public final class ShardCluster implements AutoCloseable {
  /** The lease length of all tests. */
  public static final Duration LEASE = Duration.ofMillis(500);

  private static final ShardId ID = new ShardId(1);

  public final Simulation simulation = new Simulation();
  public final SimulatedOracle oracle = new SimulatedOracle(simulation);
  public final SimulatedGroup group;
  private final Path directory;
  private final ShardLimits limits;
  private final StorageResources resources = new StorageResources(8 << 20, 1);
  private final FileSystem files = new DiskFileSystem();
  private final List<ShardReplica> replicas = new ArrayList<>();
  private @Nullable ShardDescriptor descriptor = descriptor(1, KeyRange.ALL);

  public ShardCluster(Path directory, int size, ShardLimits limits) {
    this.directory = directory;
    this.limits = limits;
    this.group = new SimulatedGroup(simulation, size);
    for (int i = 0; i < size; i++) {
      replicas.add(newReplica(i));
      group.open(i, replicas.get(i));
    }
  }

  /** Three replicas with the design's limits; the first one leads and is live. */
  public static ShardCluster started(Path directory) {
    // So that tests decide what is in flight together.
    return started(directory, ShardLimits.defaults().withExtraEntryWrites(1));
  }

  /** Three replicas; the first one leads and is live. */
  public static ShardCluster started(Path directory, ShardLimits limits) {
    ShardCluster cluster = new ShardCluster(directory, 3, limits);
    cluster.electAndAwait(0);
    // The first write of a shard logs a garbage floor: have that behind us.
    cluster.commit(0, cluster.client(99).call(List.of(), new Mutation(bytes("warm"), null)));
    cluster.simulation.advance(Duration.ofMillis(5));
    return cluster;
  }

  private ShardReplica newReplica(int member) {
    ShardEnvironment environment =
        new ShardEnvironment(
            files,
            StorageOptions.defaults(Durability.EXTERNAL_LOG),
            resources,
            oracle,
            id -> descriptor,
            simulation::nanoTime,
            simulation::wallMillis,
            simulation,
            simulation,
            simulation,
            LEASE,
            limits);
    ShardReplica replica = new ShardReplica(ID, directory.resolve("n" + member), environment);
    replica.attach(group.member(member));
    return replica;
  }

  /** The member's replica. */
  public ShardReplica replica(int member) {
    return replicas.get(member);
  }

  /** Elects the member and waits until it serves. */
  public void electAndAwait(int member) {
    group.elect(member);
    awaitServing(member);
  }

  /** Waits until the member serves. */
  public void awaitServing(int member) {
    simulation.await(() -> replica(member).status().serving(), Duration.ofSeconds(3));
  }

  /** Kills the member and starts it from what is on its disk. */
  public void restart(int member) {
    group.open(member, stopped(member));
  }

  /** Kills the member; returns a replica that is to be opened on what is on its disk. */
  public ShardReplica stopped(int member) {
    group.member(member).crash();
    // The engine holds threads and files, so it is closed; without a write-ahead log of its own it
    // forgets at close what a crash would.
    replica(member).close();
    replicas.set(member, newReplica(member));
    return replica(member);
  }

  /** What the shard map says from now on; the replicas are not told. */
  public void setDescriptor(@Nullable ShardDescriptor newDescriptor) {
    descriptor = newDescriptor;
  }

  /** A descriptor of the shard. */
  public static ShardDescriptor descriptor(long epoch, KeyRange range) {
    return new ShardDescriptor(
        ID, range, IntStream.range(0, 3).mapToObj(SimulatedGroup::nodeId).toList(), epoch);
  }

  /** The member's state as text; the same on all that have applied the same. */
  public String describe(int member) {
    return String.join("\n", replica(member).state().describe());
  }

  // ---- requests ---------------------------------------------------------------------------------

  /** A client: counts its calls, acknowledges nothing by itself. */
  public final class Client {
    private final long id;
    private long sequence;
    private long acknowledgedBelow;

    private Client(long id) {
      this.id = id;
    }

    /** Makes a call; to repeat it, send the same object again. */
    public Write call(List<Condition> conditions, Mutation... mutations) {
      return new Write(
          1,
          id,
          ~id,
          ++sequence,
          acknowledgedBelow,
          expiry(10_000),
          conditions,
          List.of(mutations));
    }

    /** A call that sets a key. */
    public Write put(String key, String value) {
      return call(List.of(), new Mutation(bytes(key), bytes(value)));
    }

    /** A call that sets a key if it has a value. */
    public Write compareAndSet(String key, String expected, String value) {
      return call(
          List.of(new Condition.HasValue(bytes(key), bytes(expected))),
          new Mutation(bytes(key), bytes(value)));
    }

    /** From now on calls say that all before them have been answered. */
    public void acknowledgeAll() {
      acknowledgedBelow = sequence + 1;
    }
  }

  /** A client with an id of its own. */
  public Client client(long id) {
    return new Client(id);
  }

  /** An oracle timestamp that many milliseconds from now. */
  public long expiry(long millis) {
    return Timestamps.ofMillis(simulation.wallMillis() + millis);
  }

  /** Sends a write and waits for its outcome. */
  public WriteOutcome write(int member, Write write) {
    return simulation.get(replica(member).write(write));
  }

  /** Waits for a request and returns what it failed with. */
  public ShardException failure(CompletableFuture<?> future) {
    try {
      simulation.get(future);
    } catch (CompletionException e) {
      if (e.getCause() instanceof ShardException failure) {
        return failure;
      }
      throw e;
    }
    throw new AssertionError("answered, where a refusal was expected");
  }

  /** Sends a write and waits for its commit timestamp. */
  public long commit(int member, Write write) {
    return ((WriteOutcome.Committed) write(member, write)).version();
  }

  /** Sends a get. */
  public CompletableFuture<GetResult> get(int member, String key, long timestamp) {
    return replica(member).get(new Get(1, List.of(bytes(key)), timestamp));
  }

  /** Reads a key now; null if it has no value. */
  public @Nullable String read(int member, String key) {
    return value(simulation.get(get(member, key, 0)));
  }

  /** The value of a get's only key. */
  public static @Nullable String value(GetResult result) {
    Value value = result.values().getFirst();
    return value == null ? null : text(value.value());
  }

  /** Sends a scan of everything. */
  public CompletableFuture<ScanPage> scan(int member, long timestamp) {
    return replica(member)
        .scan(new Scan(1, new byte[0], new byte[0], false, 1000, 1 << 20, false, timestamp));
  }

  /** A page as text: key=value, ... */
  public static String text(ScanPage page) {
    List<String> entries =
        page.entries().stream().map(e -> text(e.key()) + "=" + text(e.value())).toList();
    return String.join(",", entries);
  }

  /** Bytes of a text. */
  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Text of bytes. */
  public static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    replicas.forEach(ShardReplica::close);
    resources.close();
  }
}
