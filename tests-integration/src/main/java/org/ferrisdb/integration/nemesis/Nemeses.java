package org.ferrisdb.integration.nemesis;

import java.util.List;
import java.util.Optional;

/** Every kind of fault, by name. */
public final class Nemeses {
  private Nemeses() {}

  /** New objects, one of each kind, in the order in which people list them; "all" is the last. */
  public static List<Nemesis> all() {
    return List.of();
  }

  /** A new one of this name. */
  public static Optional<Nemesis> named(String name) {
    return all().stream().filter(n -> n.name().equals(name)).findFirst();
  }
}
