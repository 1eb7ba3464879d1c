package org.ferrisdb.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ferrisdb.client.Bytes.utf8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Entry;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.FerrisException;
import org.ferrisdb.client.Outcome;
import org.ferrisdb.integration.check.RegisterChecker;
import org.ferrisdb.integration.check.Verdict;
import org.ferrisdb.integration.history.History;
import org.ferrisdb.integration.history.History.Call;
import org.jspecify.annotations.Nullable;

/**
 * Clients that put, get, delete and compare-and-set registers until told to stop, each value
 * unique. A key is retired after a while, so that no history grows too long to be checked. Also
 * measures the longest time one client went without an answer.
 */
public final class RegisterWorkload implements AutoCloseable {
  private static final int OPERATIONS_PER_KEY = 150;
  private static final Duration JUDGING = Duration.ofMinutes(1);

  /**
   * A client's pause after each call. Without it the clients take a small machine for themselves,
   * and what these tests are about, nodes that start, vote and rebuild, takes twice as long.
   */
  private static final long PAUSE_NANOS = 5_000_000;

  private final Ferris ferris;
  private final History history = new History(System::nanoTime);
  private final List<Thread> clients = new ArrayList<>();
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicLong unknown = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong longestNanos = new AtomicLong();
  private final ConcurrentMap<String, Integer> errors = new ConcurrentHashMap<>();
  private final long seed;
  private volatile boolean stop;

  /** Starts the clients; keys are spread over the whole key space. */
  public RegisterWorkload(Ferris ferris, int clientCount, int keysAtATime) {
    this.ferris = ferris;
    this.seed = System.nanoTime();
    System.out.println("workload seed " + seed);
    for (int c = 0; c < clientCount; c++) {
      int client = c;
      clients.add(Thread.ofPlatform().name("client-" + c).start(() -> run(client, keysAtATime)));
    }
  }

  /** Writes acknowledged so far. */
  public long acknowledged() {
    return acknowledged.get();
  }

  /** Errors by code, for messages. */
  public String errors() {
    return errors.toString();
  }

  /** The longest any client waited for one answer, in milliseconds. */
  public long longestCallMillis() {
    return longestNanos.get() / 1_000_000;
  }

  /** Stops the clients and fails the test if what they saw is impossible. */
  public void stopAndCheck() {
    close();
    System.out.println(
        history.size() / 2
            + " operations, "
            + acknowledged
            + " writes acknowledged, "
            + refused
            + " refused, "
            + unknown
            + " of unknown outcome, longest call "
            + longestCallMillis()
            + " ms, errors "
            + errors);
    assertThat(acknowledged.get()).as("acknowledged writes").isPositive();
    assertThat(new RegisterChecker(JUDGING).check(history.events()))
        .isInstanceOf(Verdict.Right.class);
  }

  @Override
  public void close() {
    stop = true;
    for (Thread client : clients) {
      try {
        client.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** The first byte of a key decides its shard: registers are spread over all of them. */
  private static Bytes key(String name) {
    int hash = name.hashCode() * 0x9E3779B9;
    byte[] text = name.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    byte[] key = new byte[text.length + 2];
    key[0] = (byte) (hash >>> 24);
    key[1] = (byte) (hash >>> 16);
    System.arraycopy(text, 0, key, 2, text.length);
    return Bytes.ofBytes(key);
  }

  private void run(int number, int keysAtATime) {
    Random random = new Random(seed + number);
    Client client = new Client();
    for (long i = 0; !stop; i++) {
      // All clients move on to the next generation of keys at about the same pace.
      long generation = history.size() / (2L * OPERATIONS_PER_KEY * keysAtATime);
      String name = "register-" + generation + "-" + random.nextInt(keysAtATime);
      String value = number + "." + i;
      long began = System.nanoTime();
      switch (random.nextInt(10)) {
        case 0, 1, 2, 3 -> client.write("write", name, value);
        case 4 -> client.write("delete", name, null);
        case 5, 6 -> client.compareAndSet(name, value);
        default -> client.read(name);
      }
      longestNanos.accumulateAndGet(System.nanoTime() - began, Math::max);
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** One client's calls, each recorded; a new process after each of unknown outcome. */
  private final class Client {
    private int process = history.newProcess();

    void write(String f, String name, @Nullable String value) {
      Call call = history.invoke(process, f, name, value);
      try {
        if (value == null) {
          ferris.delete(key(name));
        } else {
          ferris.put(key(name), utf8(value));
        }
        acknowledged.incrementAndGet();
        history.ok(call, null);
      } catch (FerrisException e) {
        failed(call, e);
      }
    }

    void compareAndSet(String name, String value) {
      Optional<String> seen = read(name);
      if (seen.isEmpty()) {
        return;
      }
      Call call = history.invoke(process, "cas", name, Arrays.asList(seen.get(), value));
      try {
        if (ferris.compareAndSet(key(name), utf8(seen.get()), utf8(value)).applied()) {
          history.ok(call, null);
        } else {
          history.fail(call, "comparison failed");
        }
      } catch (FerrisException e) {
        failed(call, e);
      }
    }

    Optional<String> read(String name) {
      Call call = history.invoke(process, "read", name, null);
      try {
        Optional<String> value = ferris.get(key(name)).map(Entry::value).map(Bytes::toUtf8);
        history.ok(call, value.orElse(null));
        return value;
      } catch (FerrisException e) {
        errors.merge(e.code(), 1, Integer::sum);
        history.fail(call, e.code()); // a read changes nothing
        return Optional.empty();
      }
    }

    private void failed(Call call, FerrisException e) {
      errors.merge(e.code(), 1, Integer::sum);
      if (e.outcome() == Outcome.NOT_APPLIED) {
        refused.incrementAndGet();
        history.fail(call, e.code());
      } else {
        unknown.incrementAndGet();
        history.info(call, e.code());
        process = history.newProcess();
      }
    }
  }
}
