package org.ferrisdb.shard.state;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ferrisdb.shard.ShardRequests.WriteOutcome;
import org.ferrisdb.shard.Timestamps;
import org.ferrisdb.shard.state.EntryBody.Command;
import org.jspecify.annotations.Nullable;

/**
 * How the clients' writes ended: what makes a repeated write count once (rule 10).
 *
 * <p>A row is forgotten when nobody can ask for it any more: its client has said so (a later
 * command carried a higher {@code acknowledgedBelow}), or the shard's clock has passed its expiry,
 * after which the command is refused as expired anyhow. A client's watermark is kept until the
 * newest expiry of all its commands has passed, because a late duplicate of a row dropped by
 * acknowledgement may arrive as long as that.
 *
 * <p><b>On disk</b> each log entry has one record with the rows it added. A row also carries its
 * client's watermark and newest expiry after it, so that the newest row of a client is its state; a
 * record is deleted when none of its rows is needed, neither as an outcome nor as a state.
 *
 * <pre>
 *   u32 rows, then each:
 *   +-------------+------------+----------+--------+-----------+-----------+---------------+
 *   | client high | client low | sequence | expiry | timestamp | watermark | newest expiry |
 *   | u64         | u64        | u64      | u64    | u64       | u64       | u64           |
 *   +-------------+------------+----------+--------+-----------+-----------+---------------+
 *   | u8 = 0: committed    or    u8 = 1, u32 condition, u8 present, u64 actual version     |
 *   +--------------------------------------------------------------------------------------+
 * </pre>
 *
 * <p>Whether a row is alive is a function of the rows and of the clock alone, the same on every
 * replica; how soon a dead one is swept is not, and nothing depends on it. Thread-safe: applied by
 * one thread, asked by another.
 */
public final class OutcomeTable {
  private static final int ROW_BYTES = 7 * 8 + 1 + 13;

  /** What the table knows of a command. */
  public sealed interface Found {
    /** It has been applied, with this outcome. */
    record Known(WriteOutcome outcome) implements Found {}

    /** It lies below what its client waits for: it may or may not have been applied. */
    record Forgotten() implements Found {}

    /** It has not been applied. */
    record Fresh() implements Found {}
  }

  private static final Found FRESH = new Found.Fresh();
  private static final Found FORGOTTEN = new Found.Forgotten();

  /** An element of the list of what expires in the same second. */
  private abstract static class Expiring {
    @Nullable Expiring previous;
    @Nullable Expiring next;
    long second = -1;
  }

  private static final class Head extends Expiring {}

  private static final class Row extends Expiring {
    final Client client;
    final long sequence;
    final long expiry;
    final WriteOutcome outcome;
    final long index;

    Row(Client client, long sequence, long expiry, WriteOutcome outcome, long index) {
      this.client = client;
      this.sequence = sequence;
      this.expiry = expiry;
      this.outcome = outcome;
      this.index = index;
    }
  }

  private static final class Client extends Expiring {
    final ClientId id;
    final TreeMap<Long, Row> rows = new TreeMap<>();
    long watermark;
    long newestExpiry;
    long stateIndex = -1;

    Client(ClientId id) {
      this.id = id;
    }
  }

  private final Map<ClientId, Client> clients = new HashMap<>();
  private final TreeMap<Long, Head> seconds = new TreeMap<>();
  private final Map<Long, int[]> usesOfRecord = new HashMap<>();
  private final List<Long> deadRecords = new ArrayList<>();
  private int rows;
  private long clock;

  /** Looks a command up. */
  public synchronized Found find(ClientId id, long sequence) {
    Client client = clients.get(id);
    if (client == null || client.newestExpiry < clock) {
      return FRESH;
    }
    Row row = client.rows.get(sequence);
    if (row != null && row.expiry >= clock) {
      return new Found.Known(row.outcome);
    }
    return sequence < client.watermark ? FORGOTTEN : FRESH;
  }

  /**
   * How far {@link #advance} has come. Whoever asks for it after {@link #find} found nothing knows:
   * a command with this expiry or a later one had not been applied, it was not merely forgotten.
   */
  public synchronized long clock() {
    return clock;
  }

  /** Rows held. */
  public synchronized int size() {
    return rows;
  }

  /**
   * Adds the outcomes of an entry and returns their record.
   *
   * @param index the entry's Raft index
   */
  synchronized byte[] add(long index, Collection<Command> commands) {
    ByteBuffer out = ByteBuffer.allocate(4 + commands.size() * ROW_BYTES);
    out.putInt(commands.size());
    for (Command c : commands) {
      Client client = clients.computeIfAbsent(c.client(), Client::new);
      long watermark = Math.max(client.watermark, c.acknowledgedBelow());
      long newestExpiry = Math.max(client.newestExpiry, c.expiry());
      put(client, index, c.sequence(), c.expiry(), c.outcome(), watermark, newestExpiry);
      out.putLong(c.client().high()).putLong(c.client().low());
      out.putLong(c.sequence()).putLong(c.expiry()).putLong(c.timestamp());
      out.putLong(watermark).putLong(newestExpiry);
      switch (c.outcome()) {
        case WriteOutcome.Committed _ -> out.put((byte) 0);
        case WriteOutcome.ConditionFailed f -> EntryBodyCodec.putFailure(out.put((byte) 1), f);
      }
    }
    byte[] record = new byte[out.position()];
    out.flip().get(record);
    return record;
  }

  /**
   * Takes a record in that {@link #add} returned; records must come in the order of their indexes.
   */
  synchronized void load(long index, byte[] record) {
    ByteBuffer in = ByteBuffer.wrap(record);
    int count = in.getInt();
    for (int i = 0; i < count; i++) {
      Client client =
          clients.computeIfAbsent(new ClientId(in.getLong(), in.getLong()), Client::new);
      long sequence = in.getLong();
      long expiry = in.getLong();
      long timestamp = in.getLong();
      long watermark = in.getLong();
      long newestExpiry = in.getLong();
      WriteOutcome outcome =
          in.get() == 0 ? new WriteOutcome.Committed(timestamp) : EntryBodyCodec.getFailure(in);
      put(client, index, sequence, expiry, outcome, watermark, newestExpiry);
    }
  }

  private void put(
      Client client,
      long index,
      long sequence,
      long expiry,
      WriteOutcome outcome,
      long watermark,
      long newestExpiry) {
    use(index);
    if (client.stateIndex >= 0) {
      release(client.stateIndex);
    }
    client.stateIndex = index;
    client.watermark = watermark;
    if (client.newestExpiry != newestExpiry || client.second < 0) {
      client.newestExpiry = newestExpiry;
      unlink(client);
      link(client, newestExpiry);
    }
    Row row = new Row(client, sequence, expiry, outcome, index);
    Row old = client.rows.put(sequence, row);
    rows++;
    use(index);
    link(row, expiry);
    if (old != null) {
      forget(old);
    }
    while (!client.rows.isEmpty() && client.rows.firstKey() < watermark) {
      forget(client.rows.pollFirstEntry().getValue());
    }
  }

  /** The shard's clock has come this far: what expired before may be forgotten. */
  synchronized void advance(long newClock) {
    clock = Math.max(clock, newClock);
    long second = secondOf(clock);
    while (!seconds.isEmpty() && seconds.firstKey() < second) {
      Head head = seconds.firstEntry().getValue();
      Expiring first = head.next;
      while (first != null && first != head) {
        expire(first);
        first = head.next;
      }
      seconds.remove(head.second);
    }
  }

  private void expire(Expiring element) {
    switch (element) {
      case Row row -> {
        row.client.rows.remove(row.sequence, row);
        forget(row);
      }
      case Client client -> {
        unlink(client);
        clients.remove(client.id);
        release(client.stateIndex);
        // Its rows expire no later; those of the same second may come behind it in the list.
        for (Row row : client.rows.values()) {
          forget(row);
        }
        client.rows.clear();
      }
      default -> throw new AssertionError(element);
    }
  }

  /** Ends a row that has left its client's map. */
  private void forget(Row row) {
    rows--;
    unlink(row);
    release(row.index);
  }

  private void use(long index) {
    usesOfRecord.computeIfAbsent(index, i -> new int[1])[0]++;
  }

  private void release(long index) {
    int[] uses = usesOfRecord.get(index);
    if (uses != null && --uses[0] == 0) {
      usesOfRecord.remove(index);
      deadRecords.add(index);
    }
  }

  /** The records that nothing needs any more; each is returned once. */
  synchronized List<Long> takeDeadRecords(int atMost) {
    int count = Math.min(atMost, deadRecords.size());
    List<Long> taken = new ArrayList<>(deadRecords.subList(0, count));
    deadRecords.subList(0, count).clear();
    return taken;
  }

  /**
   * Every row that is alive and every client's state, one line each, sorted: for digest and tests.
   */
  synchronized List<String> describe() {
    List<String> lines = new ArrayList<>();
    new TreeMap<>(clients)
        .forEach((id, client) -> {
          if (client.newestExpiry < clock) {
            return;
          }
          lines.add(
              String.format(
                  "client %016x%016x below %d until %d",
                  id.high(), id.low(), client.watermark, client.newestExpiry));
          for (Row row : client.rows.values()) {
            if (row.expiry >= clock) {
              lines.add("  " + row.sequence + " until " + row.expiry + " " + row.outcome);
            }
          }
        });
    return lines;
  }

  private static long secondOf(long timestamp) {
    return Timestamps.millis(timestamp) / 1000;
  }

  private void link(Expiring element, long expiry) {
    long second = secondOf(expiry);
    Head head =
        seconds.computeIfAbsent(
            second,
            s -> {
              Head h = new Head();
              h.second = s;
              h.previous = h;
              h.next = h;
              return h;
            });
    Expiring last = head.previous == null ? head : head.previous;
    element.second = second;
    element.previous = last;
    element.next = head;
    last.next = element;
    head.previous = element;
  }

  private void unlink(Expiring element) {
    Expiring before = element.previous;
    Expiring after = element.next;
    if (before == null || after == null) {
      return;
    }
    before.next = after;
    after.previous = before;
    element.previous = null;
    element.next = null;
    element.second = -1;
  }
}
