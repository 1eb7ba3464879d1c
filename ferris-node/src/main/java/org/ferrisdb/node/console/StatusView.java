package org.ferrisdb.node.console;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node's status, or a part of it, read without believing in its shape: the node may be of another
 * version, and what is missing is unknown. Immutable by use.
 *
 * @param json an object
 */
record StatusView(JsonObject json) {
  static final StatusView NONE = new StatusView(new JsonObject());

  static StatusView of(String status) {
    try {
      return JsonParser.parseString(status) instanceof JsonObject object
          ? new StatusView(object)
          : NONE;
    } catch (JsonParseException e) {
      return NONE;
    }
  }

  /** The replica of the shard of that name. */
  StatusView shard(String name) {
    if (json.get("shards") instanceof JsonArray all) {
      for (JsonElement e : all) {
        if (e instanceof JsonObject shard
            && shard.get("shard") instanceof JsonPrimitive p
            && p.getAsString().equals(name)) {
          return new StatusView(shard);
        }
      }
    }
    return NONE;
  }

  @Nullable Long number(String... path) {
    return at(path) instanceof JsonPrimitive p && p.isNumber() ? p.getAsLong() : null;
  }

  List<Long> numbers(String... path) {
    List<Long> numbers = new ArrayList<>();
    if (at(path) instanceof JsonArray all) {
      for (JsonElement e : all) {
        numbers.add(e instanceof JsonPrimitive p && p.isNumber() ? p.getAsLong() : 0L);
      }
    }
    return numbers;
  }

  boolean flag(String... path) {
    return at(path) instanceof JsonPrimitive p && p.isBoolean() && p.getAsBoolean();
  }

  String text(String... path) {
    return at(path) instanceof JsonPrimitive p ? p.getAsString() : "";
  }

  private @Nullable JsonElement at(String... path) {
    JsonElement at = json;
    for (String name : path) {
      if (!(at instanceof JsonObject object)) {
        return null;
      }
      at = object.get(name);
    }
    return at;
  }
}
