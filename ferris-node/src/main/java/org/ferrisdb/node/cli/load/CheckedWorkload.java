package org.ferrisdb.node.cli.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * The clients of a demo, each on a thread of its own: started once, stopped once, then judged.
 * Figures are thread-safe; the rest is for one thread.
 */
final class CheckedWorkload {
  /**
   * Of one call. Longer than any outage that counts as one: a failed call is then a real failure.
   */
  static final Duration DEADLINE = Duration.ofSeconds(30);

  private final Store store;
  private final List<CheckedClient> clients = new ArrayList<>();
  private final LongAdder acknowledged = new LongAdder();
  private final LoadThreads threads = new LoadThreads();
  private final ServiceMeter meter;

  /** Starts the clients. */
  CheckedWorkload(Store store, int clientCount) {
    this.store = store;
    this.meter = new ServiceMeter(clientCount, System.nanoTime());
    for (int i = 0; i < clientCount; i++) {
      CheckedClient client = new CheckedClient(i, store, meter, System::nanoTime, acknowledged);
      clients.add(client);
      threads.start("demo-client-" + i, client::round);
    }
  }

  /** What the clients see of the service. */
  ServiceMeter meter() {
    return meter;
  }

  /** Writes acknowledged so far. */
  long acknowledged() {
    return acknowledged.sum();
  }

  /** Lets each client finish its round; false if one hangs past its deadline. */
  boolean stop() throws InterruptedException {
    return threads.stop(DEADLINE.multipliedBy(3)); // a round is three calls at most
  }

  /** Reads everything back and compares; after {@link #stop}. */
  WorkloadCheck.Findings check() {
    clients.forEach(CheckedClient::settle);
    return WorkloadCheck.run(store, clients);
  }

  /** Calls that failed (with an outcome: that is allowed); after {@link #stop}. */
  long failedCalls() {
    return clients.stream().mapToLong(CheckedClient::failures).sum();
  }
}
