package org.ferrisdb.storage.testing;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.ferrisdb.storage.AppliedPosition;
import org.ferrisdb.storage.WriteBatch;
import org.ferrisdb.storage.key.KeyRange;
import org.jspecify.annotations.Nullable;

/**
 * What one user does to one engine, drawn from a seed: crash, model and metamorphic tests all run
 * such scripts, by {@link ScriptRun}. A new kind of operation is a {@link Step}, a line in {@link
 * Author#draw} and a case in {@link ScriptRun}, and with that it is in all of them.
 *
 * <p>The n-th change has index n as its position, so an engine's applied position says how many of
 * the changes it holds.
 *
 * @param steps in order
 * @param changes what those of the steps write that do, in order
 */
public record RandomScript(List<Step> steps, List<Change> changes) {
  /** What an engine takes as one, under a position of its own. */
  public sealed interface Change {
    /** A batch. */
    record Batch(WriteBatch batch) implements Change {}

    /** The keys of a range are forgotten. */
    record Excise(KeyRange range, AppliedPosition position) implements Change {}

    /** Ready tables, cut after so many keys each, that hold what a batch would. */
    record Ingest(WriteBatch content, int keysOfTable) implements Change {}

    /** Does to the model what it does to an engine. */
    default void applyTo(EngineModel model) {
      switch (this) {
        case Batch(WriteBatch batch) -> model.apply(batch);
        case Excise(KeyRange range, _) -> model.excise(range);
        case Ingest(WriteBatch content, _) -> model.apply(content);
      }
    }
  }

  /** One call. */
  public sealed interface Step {
    /** A change; a batch that is not synced may be lost with all that follow it. */
    record Write(Change change, boolean synced) implements Step {}

    /** All memtables become tables. */
    record Flush() implements Step {}

    /** Everything goes to the deepest level. */
    record Compact() implements Step {}

    /** What is shadowed at the timestamp may go; no step reads below it afterwards. */
    record RaiseFloor(long timestamp) implements Step {}

    /** A copy of the keys of a range into a directory of that name. */
    record Checkpoint(String name, KeyRange range) implements Step {}

    /** Closes and opens again. */
    record Reopen() implements Step {}

    /** One key. */
    record Get(String key, long timestamp) implements Step {}

    /** A range both ways; null is open. */
    record Scan(@Nullable String from, @Nullable String to, long timestamp) implements Step {}
  }

  public RandomScript {
    steps = List.copyOf(steps);
    changes = List.copyOf(changes);
  }

  /** A script of so many steps that changes and keeps more than it reads. */
  public static RandomScript ofChanges(Random random, int steps) {
    return new Author(random, 12 + random.nextInt(30)).write(steps, 0);
  }

  /** A script of so many steps, of which so many of a thousand read. */
  public static RandomScript withReads(Random random, int steps, int reads) {
    return new Author(random, 60).write(steps, reads);
  }

  /** What an engine holds after the first n changes, for every n from 0. */
  public List<EngineModel> models() {
    List<EngineModel> models = new ArrayList<>();
    EngineModel model = new EngineModel();
    models.add(model.copy());
    for (Change change : changes) {
      change.applyTo(model);
      models.add(model.copy());
    }
    return models;
  }

  /** Draws steps that make sense after one another. */
  private static final class Author {
    private final Random random;
    private final int keys;
    private final List<Step> steps = new ArrayList<>();
    private final List<Change> changes = new ArrayList<>();
    private long timestamp = 1;
    private long floor;
    private int checkpoints;

    Author(Random random, int keys) {
      this.random = random;
      this.keys = keys;
    }

    RandomScript write(int count, int reads) {
      for (int i = 0; i < count; i++) {
        steps.add(random.nextInt(1000) < reads ? drawRead() : draw());
      }
      return new RandomScript(steps, changes);
    }

    private Step draw() {
      int dice = random.nextInt(1000);
      if (dice < 800) {
        Change change = dice < 770 ? new Change.Batch(batch()) : dice < 785 ? excise() : ingest();
        changes.add(change);
        return new Step.Write(change, random.nextInt(3) == 0);
      }
      if (dice < 870) {
        return new Step.Flush();
      }
      if (dice < 900) {
        return new Step.Compact();
      }
      if (dice < 935) {
        floor = Math.max(floor, timestamp - random.nextInt(40));
        return new Step.RaiseFloor(floor);
      }
      if (dice < 965) {
        return new Step.Checkpoint(
            "copy" + checkpoints++, random.nextBoolean() ? KeyRange.ALL : range());
      }
      return new Step.Reopen();
    }

    private Step drawRead() {
      long at =
          random.nextBoolean() ? Long.MAX_VALUE : floor + random.nextLong(timestamp - floor + 1);
      if (random.nextBoolean()) {
        return new Step.Get(key(), at);
      }
      return new Step.Scan(
          random.nextInt(3) == 0 ? null : key(), random.nextInt(3) == 0 ? null : key(), at);
    }

    /** Timestamps never fall from batch to batch, and rise within one for the same key. */
    private WriteBatch batch() {
      WriteBatch batch = new WriteBatch().at(position());
      int index = changes.size() + 1;
      timestamp += random.nextInt(3);
      if (random.nextInt(20) == 0) {
        addRanges(batch);
      }
      Set<String> used = new HashSet<>();
      for (int i = random.nextInt(4); i >= 0; i--) {
        String key = key();
        if (!used.add(key)) {
          timestamp++;
          used.clear();
          used.add(key);
        }
        if (random.nextInt(4) == 0) {
          batch.delete(EngineModel.bytes(key), timestamp);
        } else {
          batch.put(EngineModel.bytes(key), timestamp, EngineModel.bytes(value(index)));
        }
      }
      return batch;
    }

    private AppliedPosition position() {
      int index = changes.size() + 1;
      return new AppliedPosition(1 + index / 50, index);
    }

    /** Open at one end or none, and of some keys. */
    private KeyRange range() {
      while (true) {
        byte @Nullable [] from = random.nextInt(4) == 0 ? null : EngineModel.bytes(key());
        byte @Nullable [] to = random.nextInt(4) == 0 ? null : EngineModel.bytes(key());
        KeyRange range = new KeyRange(from, to);
        if (!range.isEmpty()) {
          return range;
        }
      }
    }

    private Change excise() {
      return new Change.Excise(range(), position());
    }

    private Change ingest() {
      timestamp++; // it may follow a batch that wrote the same keys at the same timestamp
      WriteBatch content = new WriteBatch().at(position());
      TreeSet<String> drawn = new TreeSet<>();
      for (int i = random.nextInt(9); i >= 0; i--) {
        drawn.add(key());
      }
      for (String key : drawn) {
        if (random.nextInt(5) == 0) {
          content.delete(EngineModel.bytes(key), timestamp);
        } else {
          content.put(
              EngineModel.bytes(key), timestamp, EngineModel.bytes(value(changes.size() + 1)));
        }
      }
      return new Change.Ingest(content, 1 + random.nextInt(6));
    }

    /** Above all that was written into the range before, and now and then two at one timestamp. */
    private void addRanges(WriteBatch batch) {
      timestamp++;
      addRange(batch);
      if (random.nextInt(3) == 0) {
        addRange(batch);
      }
    }

    private void addRange(WriteBatch batch) {
      String a = key();
      String b = random.nextInt(8) == 0 ? "z" : key();
      if (!a.equals(b)) {
        byte[] from = EngineModel.bytes(a.compareTo(b) < 0 ? a : b);
        batch.deleteRange(from, EngineModel.bytes(a.compareTo(b) < 0 ? b : a), timestamp);
      }
    }

    private String value(int index) {
      return switch (random.nextInt(12)) {
        case 0 -> "";
        case 1 -> "v" + index + "x".repeat(random.nextInt(700));
        case 2 -> "v" + index + new String(random.ints(90, '!', '~').toArray(), 0, 90);
        default -> "v" + index + "y".repeat(random.nextInt(40));
      };
    }

    private String key() {
      int number = random.nextInt(keys);
      return number % 2 == 0 ? "k" + number : "key/with/a/common/prefix/" + number;
    }
  }
}
