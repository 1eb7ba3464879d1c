package org.ferrisdb.node.cli.storage;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.PrintStream;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.node.cli.data.Connections;
import org.ferrisdb.storage.inspect.Fact;
import org.ferrisdb.storage.inspect.Field;
import org.ferrisdb.storage.inspect.Finding;
import org.ferrisdb.storage.inspect.Part;

/** One JSON document, written part by part: a table may have more of them than fit in memory. */
final class JsonView implements View {
  private final PrintStream out;
  private boolean first = true;

  JsonView(PrintStream out, String path) {
    this.out = out;
    out.print("{\"path\":" + new JsonPrimitive(path) + ",\"parts\":[");
  }

  @Override
  public void show(Part part) {
    out.print((first ? "\n" : ",\n") + of(part));
    first = false;
  }

  @Override
  public void end(Map<String, Long> leftOut, boolean right) {
    JsonObject counts = new JsonObject();
    leftOut.forEach(counts::addProperty);
    out.println("\n],\"leftOut\":" + counts + ",\"right\":" + right + "}");
  }

  /** A part with all that is in it. */
  static JsonObject of(Part part) {
    JsonObject json = new JsonObject();
    json.addProperty("kind", part.kind());
    if (part.offset() >= 0) {
      json.addProperty(part.decompressed() ? "decompressedOffset" : "offset", part.offset());
      json.addProperty("length", part.length());
    }
    part.facts().forEach(fact -> add(json, fact));
    if (!part.fields().isEmpty()) {
      json.add("fields", fields(part));
    }
    if (!part.parts().isEmpty()) {
      JsonArray parts = new JsonArray();
      part.parts().forEach(inner -> parts.add(of(inner)));
      json.add("parts", parts);
    }
    if (!part.findings().isEmpty()) {
      json.add("findings", findings(part.findings()));
    }
    return json;
  }

  private static void add(JsonObject json, Fact fact) {
    switch (fact) {
      case Fact.Count number -> json.addProperty(number.name(), number.value());
      case Fact.Word word -> json.addProperty(word.name(), word.value());
      case Fact.Flag flag -> json.addProperty(flag.name(), flag.value());
      case Fact.Data data -> Connections.addBytes(json, data.name(), Bytes.ofBytes(data.value()));
    }
  }

  private static JsonArray fields(Part part) {
    JsonArray fields = new JsonArray();
    for (Field field : part.fields()) {
      JsonObject json = new JsonObject();
      json.addProperty("offset", field.offset());
      json.addProperty("length", field.length());
      json.addProperty("hex", HexFormat.of().formatHex(field.bytes()));
      json.addProperty("name", field.name());
      json.addProperty("meaning", field.meaning());
      fields.add(json);
    }
    return fields;
  }

  /** Findings as they are printed by {@code verify}. */
  static JsonArray findings(List<Finding> findings) {
    JsonArray array = new JsonArray();
    findings.forEach(f -> array.add(of(f)));
    return array;
  }

  static JsonObject of(Finding finding) {
    JsonObject json = new JsonObject();
    json.addProperty("kind", finding.kind().name());
    json.addProperty("harmless", finding.kind().harmless());
    json.addProperty("file", finding.file());
    if (finding.offset() != Finding.WHOLE_FILE) {
      json.addProperty("offset", finding.offset());
    }
    json.addProperty("message", finding.message());
    return json;
  }
}
