package org.ferrisdb.node.cli;

import java.util.Collections;
import java.util.Iterator;

/**
 * Says of a parameter that it is a key, or begins as keys do. Which there are only a cluster knows:
 * the shell asks it, completion scripts of other shells get nothing.
 */
public final class KeyCandidates implements Iterable<String> {
  @Override
  public Iterator<String> iterator() {
    return Collections.emptyIterator();
  }
}
