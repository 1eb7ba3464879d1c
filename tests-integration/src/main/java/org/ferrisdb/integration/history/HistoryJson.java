package org.ferrisdb.integration.history;

import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A history as JSON lines, one event a line:
///
/// ```
/// {"index":0,"time":1234,"process":3,"type":"invoke","f":"write","key":"k1","value":5}
/// {"index":1,"time":2100,"process":"nemesis","type":"info","f":"kill","value":"n2"}
/// {"index":2,"time":9000,"process":3,"type":"info","f":"write","key":"k1","value":5,"error":"timeout"}
/// ```
///
/// `value` is always there, `key` where there is one; all that follows is [Event#extra].
public final class HistoryJson {
  private HistoryJson() {}

  /// Writes a file; compressed if its name ends in `.gz`.
  public static void write(List<Event> events, Path file) throws IOException {
    try (Writer out = HistoryFile.writer(file)) {
      write(events, out);
    }
  }

  /// Appends the lines.
  public static void write(List<Event> events, Appendable out) throws IOException {
    for (Event event : events) {
      out.append(line(event)).append('\n');
    }
  }

  /// One event, without the end of the line.
  public static String line(Event event) {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setSerializeNulls(true);
      json.beginObject();
      json.name("index").value(event.index());
      json.name("time").value(event.time());
      json.name("process");
      Long number = Values.decimal(event.process());
      value(json, number == null ? event.process() : number);
      json.name("type").value(event.type().word());
      json.name("f").value(event.f());
      if (event.key() != null) {
        json.name("key").value(event.key());
      }
      json.name("value");
      value(json, event.value());
      for (Map.Entry<String, Object> extra : event.extra().entrySet()) {
        json.name(extra.getKey());
        value(json, extra.getValue());
      }
      json.endObject();
    } catch (IOException e) {
      throw new AssertionError("a StringWriter does not fail", e);
    }
    return text.toString();
  }

  private static void value(JsonWriter json, @Nullable Object value) throws IOException {
    switch (value) {
      case null -> json.nullValue();
      case Number n -> json.value(n);
      case Boolean b -> json.value(b);
      case List<?> list -> {
        json.beginArray();
        for (Object element : list) {
          value(json, element);
        }
        json.endArray();
      }
      case Map<?, ?> map -> {
        json.beginObject();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          json.name(String.valueOf(entry.getKey()));
          value(json, entry.getValue());
        }
        json.endObject();
      }
      default -> json.value(value.toString());
    }
  }

  /// Reads what [#write(List, Path)] wrote, or what others wrote in this form.
  ///
  /// @throws IOException with the file and the line, if a line is not an event
  public static List<Event> read(Path file) throws IOException {
    try (BufferedReader in = HistoryFile.reader(file)) {
      return read(in, file.toString());
    }
  }

  /// @param name of the source, for messages
  static List<Event> read(Reader source, String name) throws IOException {
    BufferedReader in = new BufferedReader(source);
    List<Event> events = new ArrayList<>();
    long lines = 0;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      lines++;
      if (line.isBlank()) {
        continue;
      }
      try {
        events.add(event(line));
      } catch (IOException
          | IllegalArgumentException
          | IllegalStateException
          | JsonParseException e) {
        throw new IOException(
            name + " line " + lines + " is not an event of a history: " + e.getMessage(), e);
      }
    }
    return events;
  }

  private static Event event(String line) throws IOException {
    Map<?, ?> fields;
    try (JsonReader json = new JsonReader(new StringReader(line))) {
      json.setStrictness(Strictness.STRICT);
      if (!(value(json) instanceof Map<?, ?> map)) {
        throw new IllegalArgumentException("not an object");
      }
      fields = map;
    }
    Map<String, Object> extra = new LinkedHashMap<>();
    for (Map.Entry<?, ?> field : fields.entrySet()) {
      String name = String.valueOf(field.getKey());
      if (!FIELDS.contains(name) && field.getValue() != null) {
        extra.put(name, field.getValue());
      }
    }
    Object key = fields.get("key");
    return new Event(
        (Long) field(fields, "index", Long.class),
        (Long) field(fields, "time", Long.class),
        String.valueOf(field(fields, "process", Object.class)),
        Event.Type.valueOf(((String) field(fields, "type", String.class)).toUpperCase(Locale.ROOT)),
        (String) field(fields, "f", String.class),
        key == null ? null : String.valueOf(key),
        fields.get("value"),
        extra);
  }

  private static final List<String> FIELDS =
      List.of("index", "time", "process", "type", "f", "key", "value");

  private static Object field(Map<?, ?> fields, String name, Class<?> kind) {
    Object value = fields.get(name);
    if (!kind.isInstance(value)) {
      throw new IllegalArgumentException(
          "\"" + name + "\" is " + value + ", expected a " + kind.getSimpleName());
    }
    return value;
  }

  private static @Nullable Object value(JsonReader json) throws IOException {
    JsonToken token = json.peek();
    return switch (token) {
      case NULL -> {
        json.nextNull();
        yield null;
      }
      case BOOLEAN -> json.nextBoolean();
      case STRING -> json.nextString();
      case NUMBER -> number(json.nextString());
      case BEGIN_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        json.beginArray();
        while (json.hasNext()) {
          list.add(value(json));
        }
        json.endArray();
        yield list;
      }
      case BEGIN_OBJECT -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        json.beginObject();
        while (json.hasNext()) {
          map.put(json.nextName(), value(json));
        }
        json.endObject();
        yield map;
      }
      default -> throw new IllegalArgumentException("unexpected " + token);
    };
  }

  private static Object number(String text) {
    Long whole = Values.decimal(text);
    return whole != null ? whole : (Object) Double.valueOf(text);
  }
}
