package org.ferrisdb.shard.simulation;

import static org.ferrisdb.shard.simulation.SimClients.bytes;
import static org.ferrisdb.shard.simulation.SimClients.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ferrisdb.shard.ShardException;
import org.ferrisdb.shard.ShardException.Applied;
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
import org.ferrisdb.shard.Timestamps;
import org.jspecify.annotations.Nullable;

/**
 * One call on its way: attempts at one node after another until an answer or the deadline, by the
 * client library's rules. An attempt without an answer puts a write in <em>limbo</em>: from then on
 * only an answer ends the call, and a refusal says nothing. "Expired" outside of limbo begins a new
 * command. Sometimes an attempt is sent twice, as a connection that broke at the wrong moment does.
 */
final class SimCall {
  private final SimClients clients;
  private final World world;
  private final Op op;
  private final SimClients.Library library;
  private final Runnable done;
  private final long deadline;
  private long sequence;
  private long expiry;
  private boolean limbo;
  private boolean underWay;
  private int attempt;

  SimCall(SimClients clients, Op op, SimClients.Library library, Runnable done) {
    this.clients = clients;
    this.world = clients.world;
    this.op = op;
    this.library = library;
    this.done = done;
    long lease = world.weather.leaseNanos();
    this.deadline = world.now() + lease + world.random.nextLong(8 * lease);
  }

  void start() {
    say("begins");
    world.after(deadline - world.now(), this::deadlinePassed);
    send();
  }

  private boolean ended() {
    return op.status != Op.Status.OPEN;
  }

  private void say(String what) {
    if (world.trace.keeps()) {
      world.trace.line(world.now(), "client", "%s", what + " " + op);
    }
  }

  // ---- attempts ---------------------------------------------------------------------------------

  private void send() {
    if (ended()) {
      return;
    }
    if (op.kind == Op.Kind.WRITE && sequence == 0) {
      newCommand();
    }
    int mine = ++attempt;
    underWay = true;
    int to = attempt == 1 ? clients.guess(op.process) : anyNode(mine);
    boolean twice = world.random.nextInt(16) == 0;
    for (int copy = 0; copy < (twice ? 2 : 1); copy++) {
      int target = copy == 0 ? to : world.random.nextInt(clients.cluster.size());
      limbo |= copy > 0;
      clients.cluster.network.send(
          clients.cluster.network.clients(), target, false, request(target, mine));
    }
    long patience = world.weather.leaseNanos() / 2;
    world.after(
        patience + world.random.nextLong(2 * patience),
        () -> {
          if (!ended() && attempt == mine) {
            limbo = true;
            send();
          }
        });
  }

  private int anyNode(int number) {
    return number % 2 == 0
        ? clients.guess(op.process)
        : world.random.nextInt(clients.cluster.size());
  }

  private void newCommand() {
    sequence = library.open();
    op.client = library.id;
    op.sequences.add(sequence);
    long millis = 1 + world.random.nextLong(2 * world.weather.expiryMillis());
    expiry = clients.oracleNow() + Timestamps.ofMillis(millis);
  }

  private Runnable request(int to, int mine) {
    SimServer server = clients.cluster.server(to);
    long epoch = clients.epoch();
    return switch (op.kind) {
      case WRITE -> {
        Write write = write(epoch);
        yield () ->
            server.<WriteOutcome>serve(
                r -> r.write(write), o -> answered(to, o), e -> refused(to, mine, e));
      }
      case GET -> {
        Get get = new Get(epoch, op.keys.stream().map(SimClients::bytes).toList(), op.at);
        yield () ->
            server.<GetResult>serve(
                r -> r.get(get), g -> read(to, answerOf(g)), e -> refused(to, mine, e));
      }
      case SCAN -> {
        Scan scan =
            new Scan(epoch, new byte[0], new byte[0], op.reverse, 100, 1 << 20, false, op.at);
        yield () ->
            server.<ScanPage>serve(
                r -> r.scan(scan), p -> read(to, answerOf(p)), e -> refused(to, mine, e));
      }
    };
  }

  private Write write(long epoch) {
    List<Condition> conditions = new ArrayList<>();
    Op.Condition c = op.condition;
    if (c != null) {
      String expected = c.expected();
      conditions.add(
          expected == null
              ? new Condition.IsAbsent(bytes(c.key()))
              : new Condition.HasValue(bytes(c.key()), bytes(expected)));
    }
    List<Mutation> mutations = new ArrayList<>();
    op.mutations.forEach(
        (k, v) -> mutations.add(new Mutation(bytes(k), v == null ? null : bytes(v))));
    return new Write(
        epoch,
        library.id,
        ~library.id,
        sequence,
        library.acknowledgedBelow(),
        expiry,
        conditions,
        mutations);
  }

  private Op.ReadAnswer answerOf(GetResult result) {
    Map<String, Op.Seen> seen = new TreeMap<>();
    for (int i = 0; i < op.keys.size(); i++) {
      Value value = result.values().get(i);
      if (value != null) {
        seen.put(op.keys.get(i), new Op.Seen(text(value.value()), value.version()));
      }
    }
    return new Op.ReadAnswer(result.timestamp(), seen);
  }

  private Op.ReadAnswer answerOf(ScanPage page) {
    Map<String, Op.Seen> seen = new TreeMap<>();
    String before = op.reverse ? "~" : "";
    for (Entry e : page.entries()) {
      String key = text(e.key());
      int order = key.compareTo(before);
      if (op.reverse ? order >= 0 : order <= 0) {
        world.violation("%s: %s comes after %s", op, key, before);
      }
      before = key;
      seen.put(key, new Op.Seen(text(e.value()), e.version()));
    }
    return new Op.ReadAnswer(page.timestamp(), seen);
  }

  // ---- answers ----------------------------------------------------------------------------------

  private void answered(int from, @Nullable WriteOutcome outcome) {
    if (outcome == null) {
      world.violation("%s: answered with nothing", op);
      return;
    }
    op.allOutcomes.add(outcome); // also those that come too late: they must be true all the same
    if (!ended()) {
      op.outcome = outcome;
      clients.guess(op.process, from);
      clients.sawOutcome(op, outcome);
      finish(Op.Status.OK);
    }
  }

  private void read(int from, Op.ReadAnswer answer) {
    op.allAnswers.add(answer);
    if (!ended()) {
      op.answer = answer;
      clients.guess(op.process, from);
      clients.sawTimestamp(answer.timestamp());
      if (op.at == 0) {
        answer.values().forEach((key, seen) -> clients.sawValue(key, seen.value()));
      }
      finish(Op.Status.OK);
    }
  }

  private void refused(int from, int number, ShardException e) {
    if (ended() || number != attempt) {
      return;
    }
    if (world.trace.keeps()) {
      world.trace.line(
          world.now(), "client", "call %d: node %d refuses: %s", op.number, from, e.getMessage());
    }
    underWay = false;
    if (e.applied() == Applied.UNKNOWN) {
      limbo = true;
    }
    e.descriptors().forEach(d -> clients.sawEpoch(d.epoch()));
    e.leader().ifPresent(leader -> clients.guess(op.process, SimGroup.node(leader)));
    switch (e.reason()) {
      case EXPIRED -> {
        if (limbo) {
          finish(Op.Status.INFO);
        } else {
          library.close(sequence);
          sequence = 0;
          again();
        }
      }
      case OUTCOME_UNKNOWN, TIMESTAMP_INVALID, LIMIT_EXCEEDED, INVALID, INTERNAL, DISK_FULL ->
          finish(withoutAnswer());
      default -> again();
    }
  }

  private void again() {
    attempt++; // what the last one might still bring counts no more
    world.after(world.around(world.weather.leaseNanos() / 20), this::send);
  }

  private void deadlinePassed() {
    if (!ended()) {
      limbo |= underWay;
      finish(withoutAnswer());
    }
  }

  private Op.Status withoutAnswer() {
    return op.kind == Op.Kind.WRITE && limbo ? Op.Status.INFO : Op.Status.FAIL;
  }

  private void finish(Op.Status status) {
    op.status = status;
    op.completed = world.now();
    if (op.kind == Op.Kind.WRITE && sequence != 0) {
      library.close(sequence);
    }
    say("ends");
    done.run();
  }
}
