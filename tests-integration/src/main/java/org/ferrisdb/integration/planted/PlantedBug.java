package org.ferrisdb.integration.planted;

import org.ferrisdb.storage.testing.Mutant;

/**
 * A bug, and where the harness should see it.
 *
 * @param mutant the change
 * @param workload whose checker should notice; the cluster's own checks count as well
 * @param fault under which it shows
 * @param seconds of load in each try
 */
public record PlantedBug(Mutant mutant, String workload, String fault, int seconds) {
  /** Short, as on the command line. */
  public String name() {
    return mutant.name();
  }
}
