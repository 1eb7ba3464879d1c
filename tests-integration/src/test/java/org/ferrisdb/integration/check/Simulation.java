package org.ferrisdb.integration.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ferrisdb.integration.history.Event;
import org.ferrisdb.integration.history.History;
import org.ferrisdb.integration.history.History.Call;
import org.jspecify.annotations.Nullable;

/**
 * A right store with many clients at once, in one thread: a call begins, takes effect at some later
 * step, is answered at a still later one. Some answers get lost, and then the call takes effect at
 * once, much later, or never. The same seed gives the same history.
 */
final class Simulation {
  /** A call to be made. */
  record Ask(String f, @Nullable String key, @Nullable Object value) {}

  /** What the store does; called at the one moment at which the call takes effect. */
  interface Store {
    /** The next call of some client. */
    Ask next(Random random);

    /**
     * Takes effect.
     *
     * @return what is answered
     * @throws Refused if it does not
     */
    @Nullable Object apply(Ask ask) throws Refused;
  }

  /** Took no effect. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;
  }

  private static final class Client {
    int process;
    @Nullable Ask ask;
    @Nullable Call call;
    boolean applied;
    boolean refused;
    @Nullable Object answer;
  }

  private final Random random;
  private final Store store;
  private final History history;
  private final List<Client> clients = new ArrayList<>();

  /** Calls whose client has gone, and which may yet take effect. */
  private final List<Ask> ghosts = new ArrayList<>();

  private long time;

  /** One answer in so many gets lost; 0: none. */
  private final int lostOneIn;

  private Simulation(long seed, int clientCount, int lostOneIn, Store store) {
    this.random = new Random(seed);
    this.store = store;
    this.lostOneIn = lostOneIn;
    this.history = new History(() -> time += random.nextInt(100_000));
    for (int i = 0; i < clientCount; i++) {
      Client client = new Client();
      client.process = history.newProcess();
      clients.add(client);
    }
  }

  /** A history of so many calls. */
  static List<Event> run(long seed, int clients, int calls, int lostOneIn, Store store) {
    Simulation simulation = new Simulation(seed, clients, lostOneIn, store);
    int begun = 0;
    while (begun < calls || simulation.clients.stream().anyMatch(c -> c.call != null)) {
      begun += simulation.step(begun < calls);
    }
    return simulation.history.events();
  }

  private int step(boolean mayBegin) {
    if (!ghosts.isEmpty() && random.nextInt(50) == 0) {
      haunt(ghosts.remove(random.nextInt(ghosts.size())));
    }
    Client client = clients.get(random.nextInt(clients.size()));
    Call call = client.call;
    Ask ask = client.ask;
    if (call == null || ask == null) {
      if (!mayBegin) {
        return 0;
      }
      client.ask = store.next(random);
      client.call =
          history.invoke(client.process, client.ask.f(), client.ask.key(), client.ask.value());
      client.applied = false;
      return 1;
    }
    if (lostOneIn > 0 && random.nextInt(2 * lostOneIn) == 0) {
      lose(client, call, ask);
    } else if (client.applied) {
      if (client.refused) {
        history.fail(call, "refused");
      } else {
        history.ok(call, client.answer);
      }
      client.call = null;
    } else {
      apply(client, ask);
    }
    return 0;
  }

  private void apply(Client client, Ask ask) {
    client.applied = true;
    try {
      client.answer = store.apply(ask);
      client.refused = false;
    } catch (Refused e) {
      client.refused = true;
    }
  }

  private void lose(Client client, Call call, Ask ask) {
    history.info(call, "timeout");
    if (!client.applied && random.nextBoolean()) {
      ghosts.add(ask);
    }
    client.call = null;
    client.process = history.newProcess();
  }

  private void haunt(Ask ask) {
    try {
      store.apply(ask);
    } catch (Refused e) {
      // Nobody is there to be told.
    }
  }
}
