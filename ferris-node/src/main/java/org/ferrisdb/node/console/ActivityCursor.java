package org.ferrisdb.node.console;

import com.google.gson.Gson;
import com.google.gson.JsonSyntaxException;
import com.google.protobuf.ByteString;

/**
 * What the asker has of a node's activity already. JSON on the wire.
 *
 * @param startedMillis of the node's process it knows; of another one it knows nothing
 * @param slot newest slot it has
 * @param events events it has, counted from the process's first
 */
record ActivityCursor(long startedMillis, long slot, long events) {
  /** Nothing. */
  static final ActivityCursor START = new ActivityCursor(0, 0, 0);

  private static final Gson GSON = new Gson();

  ByteString encode() {
    return ByteString.copyFromUtf8(GSON.toJson(this));
  }

  /** What can not be read has nothing yet. */
  static ActivityCursor decode(ByteString bytes) {
    try {
      ActivityCursor cursor = GSON.fromJson(bytes.toStringUtf8(), ActivityCursor.class);
      return cursor == null ? START : cursor;
    } catch (JsonSyntaxException e) {
      return START;
    }
  }
}
