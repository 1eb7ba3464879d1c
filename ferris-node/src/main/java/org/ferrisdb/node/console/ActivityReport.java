package org.ferrisdb.node.console;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonDeserializer;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import com.google.protobuf.ByteString;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * A node's activity since a cursor. JSON on the wire, histograms in base64.
 *
 * @param startedMillis of its process
 * @param slots traffic, oldest first
 * @param eventsEver events since the process's first, those told here included
 * @param events oldest first
 */
record ActivityReport(
    long startedMillis, List<TrafficSlot> slots, long eventsEver, List<Event> events) {
  private static final Gson GSON =
      new GsonBuilder()
          .registerTypeAdapter(
              byte[].class,
              (JsonSerializer<byte[]>)
                  (bytes, type, context) ->
                      new JsonPrimitive(Base64.getEncoder().encodeToString(bytes)))
          .registerTypeAdapter(
              byte[].class,
              (JsonDeserializer<byte[]>)
                  (json, type, context) -> Base64.getDecoder().decode(json.getAsString()))
          .create();

  ByteString encode() {
    return ByteString.copyFromUtf8(GSON.toJson(this));
  }

  /** Empty if it is not what this version writes. */
  static Optional<ActivityReport> decode(ByteString bytes) {
    try {
      ActivityReport report = GSON.fromJson(bytes.toStringUtf8(), ActivityReport.class);
      return report == null || report.slots() == null || report.events() == null
          ? Optional.empty()
          : Optional.of(report);
    } catch (JsonParseException | IllegalArgumentException | NullPointerException e) {
      return Optional.empty();
    }
  }
}
