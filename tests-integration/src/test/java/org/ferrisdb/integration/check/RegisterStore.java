package org.ferrisdb.integration.check;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Registers as they should be; keys are retired after some calls. Also scanned, all at once. */
class RegisterStore implements Simulation.Store {
  final Map<String, Object> state = new HashMap<>();
  private final int keys;
  private final int callsPerKey;
  private final int scansPercent;
  private long calls;
  private long last;

  /** Registers without scans. */
  RegisterStore(int keys, int callsPerKey) {
    this(keys, callsPerKey, 0);
  }

  RegisterStore(int keys, int callsPerKey, int scansPercent) {
    this.keys = keys;
    this.callsPerKey = callsPerKey;
    this.scansPercent = scansPercent;
  }

  @Override
  public Simulation.Ask next(Random random) {
    String key = "k" + calls++ / ((long) callsPerKey * keys) + "-" + random.nextInt(keys);
    if (random.nextInt(100) < scansPercent) {
      return new Simulation.Ask("scan", null, null);
    }
    int dice = scansPercent > 0 ? 55 + random.nextInt(45) : random.nextInt(100);
    if (dice < 40) {
      return new Simulation.Ask("read", key, null);
    }
    if (dice < 55) {
      return new Simulation.Ask("cas", key, Scene.list(state.get(key), ++last));
    }
    return dice < 62
        ? new Simulation.Ask("delete", key, null)
        : new Simulation.Ask("write", key, ++last);
  }

  @Override
  public @Nullable Object apply(Simulation.Ask ask) throws Simulation.Refused {
    String key = String.valueOf(ask.key());
    switch (ask.f()) {
      case "read" -> {
        return state.get(key);
      }
      case "scan" -> {
        return new TreeMap<>(state);
      }
      case "cas" -> {
        List<?> pair = (List<?>) Objects.requireNonNull(ask.value());
        if (!Objects.equals(state.get(key), pair.get(0))) {
          throw new Simulation.Refused();
        }
        state.put(key, Objects.requireNonNull(pair.get(1)));
      }
      case "delete" -> state.remove(key);
      default -> state.put(key, Objects.requireNonNull(ask.value()));
    }
    return null;
  }
}
