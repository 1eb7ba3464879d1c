package org.ferrisdb.node;

import java.util.ArrayDeque;
import org.slf4j.LoggerFactory;

/** Closes what a start that failed half way had opened, newest first. */
final class Undo implements AutoCloseable {
  private final ArrayDeque<AutoCloseable> opened = new ArrayDeque<>();

  <T extends AutoCloseable> T add(T resource) {
    opened.push(resource);
    return resource;
  }

  /** The start has succeeded: nothing is to be closed. */
  void clear() {
    opened.clear();
  }

  @Override
  public void close() {
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        LoggerFactory.getLogger("ferris.node").warn("not closed", e);
      }
    }
  }
}
