package org.ferrisdb.node.cli.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.atomic.LongAdder;
import org.ferrisdb.node.cli.load.WorkloadCheck.Findings;
import org.junit.jupiter.api.Test;

/** A checker is worth what it says no to. */
class WorkloadCheckTest {
  private final LongAdder acknowledged = new LongAdder();

  @Test
  void aCorrectStorePasses() {
    Findings f = check(new MemoryStore(), 200);
    assertThat(f.clean()).as("%s", f).isTrue();
    assertThat(acknowledged.sum()).isEqualTo(3 * 200 * 2);
  }

  @Test
  void aLostWriteIsFound() {
    MemoryStore store =
        new MemoryStore() {
          private int puts;

          @Override
          public synchronized long put(byte[] key, byte[] value) {
            long version = super.put(key, value);
            if (++puts == 77) {
              map.remove(key);
            }
            return version;
          }
        };
    Findings f = check(store, 100);
    assertThat(f.lost()).isEqualTo(1);
    assertThat(f.twice()).isZero();
    assertThat(f.clean()).isFalse();
    assertThat(f.examples().getFirst()).contains("is missing");
  }

  @Test
  void aWriteAppliedTwiceIsFoundThoughTheValueIsTheSame() {
    MemoryStore store =
        new MemoryStore() {
          private int puts;

          @Override
          public synchronized long put(byte[] key, byte[] value) {
            long version = super.put(key, value);
            if (++puts == 5) {
              write(key, value);
            }
            return version;
          }
        };
    Findings f = check(store, 50);
    assertThat(f.twice()).isEqualTo(1);
    assertThat(f.clean()).isFalse();
  }

  @Test
  void aCounterThatFallsBackIsFound() {
    MemoryStore store = new MemoryStore();
    List<CheckedClient> clients = run(store, 40);
    Store.Stored now = store.get(clients.getFirst().counterKey()).orElseThrow();
    store.map.put(
        clients.getFirst().counterKey(),
        new Store.Stored(CheckedClient.value(39), now.version() - 1));
    assertThat(WorkloadCheck.run(store, clients).lost()).isEqualTo(1);
  }

  @Test
  void aStaleReadIsFound() {
    MemoryStore store =
        new MemoryStore() {
          @Override
          public synchronized Optional<Stored> get(byte[] key) {
            return super.get(key)
                .map(s -> new Stored(CheckedClient.value(1), Math.max(1, s.version() - 3)));
          }
        };
    Findings f = check(store, 8);
    assertThat(f.wrong()).isPositive();
    assertThat(f.clean()).isFalse();
  }

  @Test
  void aCompareAndSetAppliedThoughToldOtherwiseIsFound() {
    MemoryStore store =
        new MemoryStore() {
          private int calls;

          @Override
          public synchronized OptionalLong compareAndSet(byte[] key, long expected, byte[] value) {
            OptionalLong result = super.compareAndSet(key, expected, value);
            return ++calls == 10 ? OptionalLong.empty() : result;
          }
        };
    assertThat(check(store, 20).wrong()).isPositive();
  }

  @Test
  void aWriteToldToBeNotAppliedMustNotBeThere() {
    MemoryStore store =
        new MemoryStore() {
          private int puts;

          @Override
          public synchronized long put(byte[] key, byte[] value) {
            long version = super.put(key, value);
            if (++puts == 3) {
              throw new StoreException("refused", false, null);
            }
            return version;
          }
        };
    assertThat(check(store, 5).ghosts()).isEqualTo(1);
  }

  @Test
  void unknownOutcomesAreAllowedToBeEitherAndNothingElse() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    MemoryStore store =
        new MemoryStore() {
          @Override
          public synchronized long put(byte[] key, byte[] value) {
            boolean unknown = random.nextInt(5) == 0;
            if (unknown && random.nextBoolean()) {
              throw new StoreException("lost on the way", true, null);
            }
            long version = super.put(key, value);
            if (unknown) {
              throw new StoreException("answer lost", true, null);
            }
            return version;
          }

          @Override
          public synchronized OptionalLong compareAndSet(byte[] key, long expected, byte[] value) {
            boolean unknown = random.nextInt(5) == 0;
            if (unknown && random.nextBoolean()) {
              throw new StoreException("lost on the way", true, null);
            }
            OptionalLong result = super.compareAndSet(key, expected, value);
            if (unknown) {
              throw new StoreException("answer lost", true, null);
            }
            return result;
          }
        };
    List<CheckedClient> clients = run(store, 300);
    clients.forEach(c -> {
      while (!c.settle()) {
        Thread.onSpinWait();
      }
    });
    Findings f = WorkloadCheck.run(store, clients);
    assertThat(f.clean()).as("seed %d: %s", seed, f).isTrue();
    assertThat(clients.getFirst().failures()).isPositive();
  }

  @Test
  void keysOfNobodyAreGhosts() {
    MemoryStore store = new MemoryStore();
    List<CheckedClient> clients = run(store, 5);
    Map.of("short", new byte[] {1}, "client", new byte[16])
        .values()
        .forEach(k -> store.write(k, k));
    assertThat(WorkloadCheck.run(store, clients).ghosts()).isEqualTo(2);
  }

  private Findings check(MemoryStore store, int rounds) {
    return WorkloadCheck.run(store, run(store, rounds));
  }

  private List<CheckedClient> run(MemoryStore store, int rounds) {
    ServiceMeter meter = new ServiceMeter(3, 0);
    List<CheckedClient> clients = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      clients.add(new CheckedClient(i, store, meter, () -> 0, acknowledged));
    }
    for (int r = 0; r < rounds; r++) {
      clients.forEach(CheckedClient::round);
    }
    return clients;
  }
}
