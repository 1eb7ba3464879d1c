package org.ferrisdb.integration.workload;

import static org.ferrisdb.client.Bytes.utf8;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Entry;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.KeyRange;
import org.ferrisdb.client.Version;
import org.ferrisdb.integration.check.Checker;
import org.ferrisdb.integration.check.SetChecker;
import org.ferrisdb.integration.history.Event;
import org.ferrisdb.integration.workload.Client.Answer;
import org.jspecify.annotations.Nullable;

/**
 * Sets that only grow: an element is a key, in a bucket of some shard; a read scans all buckets at
 * one timestamp. A full set is followed by an empty one, so that reads do not get longer and
 * longer.
 */
final class SetWorkload implements Workload {
  private static final int ELEMENTS_PER_SET = 500;

  /** Reads are long: one of so many operations. */
  private static final int READ_ONE_IN = 8;

  private final KeySpace keys;
  private int set;
  private long lastElement;

  SetWorkload(KeySpace keys) {
    this.keys = keys;
  }

  @Override
  public String name() {
    return "set";
  }

  private static String name(int set) {
    return "s" + set;
  }

  @Override
  public Operation next(Random random) {
    if (random.nextInt(READ_ONE_IN) == 0) {
      return Operation.of("read", name(set), null);
    }
    if (lastElement == (long) ELEMENTS_PER_SET * (set + 1)) {
      set++;
    }
    return Operation.of("add", name(set), ++lastElement);
  }

  @Override
  public void run(Client client, Operation operation) {
    String set = "set/" + operation.key() + "/";
    client.call(
        operation,
        ferris -> operation.f().equals("read") ? read(ferris, set) : add(ferris, set, operation));
  }

  private Answer add(Ferris ferris, String set, Operation operation) {
    @Nullable Object element = operation.value();
    int bucket = Math.floorMod(String.valueOf(element).hashCode(), keys.shards());
    ferris.put(keys.inShard(bucket, set + element), utf8(String.valueOf(element)));
    return Answer.done();
  }

  private Answer read(Ferris ferris, String set) {
    Version now = ferris.now();
    List<Long> elements = new ArrayList<>();
    for (int bucket = 0; bucket < keys.shards(); bucket++) {
      KeyRange range = keys.inShardPrefix(bucket, set);
      for (Entry entry : ferris.scan(range).at(now)) {
        elements.add(Long.valueOf(entry.value().toUtf8()));
      }
    }
    return Answer.read(List.copyOf(elements));
  }

  /** The key of an element, for tests. */
  Bytes key(String set, long element) {
    int bucket = Math.floorMod(String.valueOf(element).hashCode(), keys.shards());
    return keys.inShard(bucket, "set/" + set + "/" + element);
  }

  /** That of the element that is added; reads need all shards. */
  @Override
  public Optional<String> shardOf(Event invoke) {
    return invoke.f().equals("add") && invoke.value() instanceof Long element
        ? Optional.of(keys.shardOf(key(String.valueOf(invoke.key()), element)))
        : Optional.empty();
  }

  @Override
  public List<Operation> finalReads() {
    List<Operation> reads = new ArrayList<>();
    for (int s = 0; s <= set; s++) {
      reads.add(Operation.of("read", name(s), null));
    }
    return reads;
  }

  @Override
  public Checker checker() {
    return new SetChecker();
  }
}
