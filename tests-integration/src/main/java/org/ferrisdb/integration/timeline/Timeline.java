package org.ferrisdb.integration.timeline;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.ferrisdb.integration.check.Violation;
import org.ferrisdb.integration.history.Event;
import org.jspecify.annotations.Nullable;

/// Writes the page: the template of the resources, with the history as JSON in the place marked for
/// it.
public final class Timeline {
  private static final String PLACE = "/*DATA*/null";

  /// Longer values are cut: nobody reads a list of a thousand elements in a tooltip.
  private static final int MAX_TEXT = 300;

  private Timeline() {}

  /// Writes one file that needs no other.
  ///
  /// @param violations what is marked; may be empty
  public static void write(List<Event> events, List<Violation> violations, Path file)
      throws IOException {
    Files.writeString(file, html(events, violations, String.valueOf(file.getFileName())));
  }

  static String html(List<Event> events, List<Violation> violations, String title)
      throws IOException {
    String template;
    try (InputStream in = Timeline.class.getResourceAsStream("timeline.html")) {
      template =
          new String(
              Objects.requireNonNull(in, "timeline.html is not among the resources").readAllBytes(),
              StandardCharsets.UTF_8);
    }
    int place = template.indexOf(PLACE);
    return template.substring(0, place)
        + data(events, violations, title)
        + template.substring(place + PLACE.length());
  }

  /// `ops`: [lane, start µs, end µs or -1, type, text, first event, last event], `faults`: [start,
  /// end, name, text].
  private static String data(List<Event> events, List<Violation> violations, String title)
      throws IOException {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setHtmlSafe(true); // no value can end the script element
      json.beginObject();
      json.name("title").value(title);
      json.name("end").value(events.isEmpty() ? 0 : micros(events.getLast().time()));
      operations(json.name("ops"), events);
      faults(json.name("faults"), events);
      json.name("violations").beginArray();
      for (Violation violation : violations) {
        json.beginObject();
        json.name("anomaly").value(violation.anomaly());
        json.name("words").value(violation.explanation());
        json.name("events").beginArray();
        for (long event : violation.events()) {
          json.value(event);
        }
        json.endArray().endObject();
      }
      json.endArray().endObject();
    }
    return text.toString();
  }

  private static void operations(JsonWriter json, List<Event> events) throws IOException {
    Map<String, Integer> lanes = Lanes.of(events);
    Map<String, Event> open = new LinkedHashMap<>();
    json.beginArray();
    for (Event event : events) {
      if (!event.isClient()) {
        continue;
      }
      if (event.type() == Event.Type.INVOKE) {
        open.put(event.process(), event);
      } else {
        Event begun = open.remove(event.process());
        if (begun != null) {
          operation(json, lanes.getOrDefault(event.process(), 0), begun, event);
        }
      }
    }
    for (Event begun : open.values()) {
      operation(json, lanes.getOrDefault(begun.process(), 0), begun, null);
    }
    json.endArray();
  }

  private static void operation(JsonWriter json, int lane, Event begun, @Nullable Event ended)
      throws IOException {
    json.beginArray();
    json.value(lane);
    json.value(micros(begun.time()));
    json.value(ended == null ? -1 : micros(ended.time()));
    json.value(color(ended));
    json.value(text(begun, ended));
    json.value(begun.index());
    json.value(ended == null ? begun.index() : ended.index());
    json.endArray();
  }

  private static int color(@Nullable Event ended) {
    if (ended == null) {
      return 2;
    }
    return switch (ended.type()) {
      case OK -> 0;
      case FAIL -> 1;
      default -> 2;
    };
  }

  private static String text(Event begun, @Nullable Event ended) {
    StringBuilder text = new StringBuilder("process ").append(begun.process()).append(": ");
    text.append(begun.f());
    if (begun.key() != null) {
      text.append(' ').append(begun.key());
    }
    if (begun.value() != null) {
      text.append(' ').append(cut(begun.value()));
    }
    if (ended != null
        && ended.type() == Event.Type.OK
        && !Objects.equals(begun.value(), ended.value())) {
      text.append(" -> ").append(cut(String.valueOf(ended.value())));
    }
    if (ended != null && !ended.extra().isEmpty()) {
      text.append(' ').append(cut(ended.extra()));
    }
    return text.toString();
  }

  private static String cut(Object value) {
    String text = value.toString();
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "...";
  }

  /// A fault lasts from its event of phase "begin" to the one of phase "end"; an event without
  /// phase is a moment.
  private static void faults(JsonWriter json, List<Event> events) throws IOException {
    Map<String, Event> begun = new LinkedHashMap<>();
    List<Event[]> bands = new ArrayList<>();
    for (Event event : events) {
      if (event.isClient()) {
        continue;
      }
      Object phase = event.value() instanceof Map<?, ?> map ? map.get("phase") : null;
      if ("begin".equals(phase)) {
        begun.putIfAbsent(event.f(), event);
      } else if ("end".equals(phase)) {
        Event begin = begun.remove(event.f());
        bands.add(new Event[] {begin == null ? event : begin, event});
      } else {
        bands.add(new Event[] {event, event});
      }
    }
    long end = events.isEmpty() ? 0 : events.getLast().time();
    json.beginArray();
    for (Event[] band : bands) {
      fault(json, band[0], band[1].time());
    }
    for (Event event : begun.values()) {
      fault(json, event, end);
    }
    json.endArray();
  }

  private static void fault(JsonWriter json, Event event, long end) throws IOException {
    json.beginArray();
    json.value(micros(event.time())).value(micros(end)).value(event.f());
    json.value(event.value() == null ? "" : cut(event.value()));
    json.endArray();
  }

  private static long micros(long nanos) {
    return nanos / 1000;
  }
}
