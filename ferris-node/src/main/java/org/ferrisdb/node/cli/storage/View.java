package org.ferrisdb.node.cli.storage;

import java.util.Map;
import org.ferrisdb.storage.inspect.Part;

/** A way to show the parts of a file. One thread. */
interface View {
  /** The next part. */
  void show(Part part);

  /**
   * All parts were shown.
   *
   * @param leftOut how many of which kind were not, because of the limit
   * @param right whether nothing is wrong
   */
  void end(Map<String, Long> leftOut, boolean right);
}
