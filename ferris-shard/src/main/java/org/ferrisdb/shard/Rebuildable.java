package org.ferrisdb.shard;

import java.io.IOException;
import java.nio.file.Path;
import org.ferrisdb.raft.ReplicatedStateMachine;
import org.jspecify.annotations.Nullable;

/** A replica whose state can be found corrupt and be replaced by another replica's. */
public interface Rebuildable extends ReplicatedStateMachine {
  /**
   * What is corrupt, by whatever it was found: opening, a read, a flush, a compaction, a
   * checkpoint. From then on the replica answers nothing and leads no more than it must. Null if
   * nothing is known to be. Looks at the engine too, so ask from time to time.
   */
  @Nullable String corruption();

  /** Writes down what was found, so that a restart does not serve it until it is found again. */
  void markDamaged(String reason) throws IOException;

  /** The next {@link #open} begins with this checkpoint of another replica. */
  void installAtOpen(Path checkpoint);

  /**
   * What the replica's whole content amounts to, as of one applied index. Any thread; reads all of
   * it, so it takes a while. Fails with an unchecked exception where the state is not open.
   */
  StateDigest stateDigest();
}
