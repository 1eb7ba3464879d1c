package org.ferrisdb.node.cli.transfer;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.internal.Streams;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A record as a JSON object on a line. {@code key} and {@code value} are strings when the bytes are
 * UTF-8; otherwise {@code key_base64} or {@code value_base64} stands in their place. Other members
 * are refused, so that nothing is lost silently. Stateless.
 */
final class JsonLinesCodec {
  private static final String HINT =
      "a line is {\"key\":\"...\",\"value\":\"...\"}; use key_base64 or value_base64 for bytes that"
          + " are not UTF-8";

  private JsonLinesCodec() {}

  /** Writes one line with its newline. */
  static void write(byte[] key, byte[] value, boolean ascii, OutputStream out) throws IOException {
    StringWriter text = new StringWriter(key.length + value.length + 24);
    JsonWriter json = new JsonWriter(text);
    json.beginObject();
    writeMember(json, "key", key);
    writeMember(json, "value", value);
    json.endObject();
    json.close();
    String line = ascii ? escapeNonAscii(text.toString()) : text.toString();
    out.write(line.getBytes(StandardCharsets.UTF_8));
    out.write('\n');
  }

  /**
   * Writes a member as a string if its bytes are UTF-8, else in Base64 under {@code name_base64}.
   */
  static void writeMember(JsonWriter json, String name, byte[] bytes) throws IOException {
    String text = utf8OrNull(bytes);
    if (text != null) {
      json.name(name).value(text);
    } else {
      json.name(name + "_base64").value(Base64.getEncoder().encodeToString(bytes));
    }
  }

  static @Nullable String utf8OrNull(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  private static String escapeNonAscii(String json) {
    StringBuilder out = new StringBuilder(json.length());
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (c < 0x7f) {
        out.append(c);
      } else {
        out.append(String.format("\\u%04x", (int) c));
      }
    }
    return out.toString();
  }

  /**
   * Reads one line, given without its newline.
   *
   * @throws MalformedLineException if it is not a record
   */
  static KeyValue read(byte[] line, long number) throws MalformedLineException {
    String text = utf8OrNull(line);
    if (text == null) {
      throw new MalformedLineException(number, "not UTF-8", HINT);
    }
    JsonObject object = parse(text, number);
    byte[] key = member(object, "key", number);
    byte[] value = member(object, "value", number);
    if (key.length == 0) {
      throw new MalformedLineException(number, "the key is empty", HINT);
    }
    if (object.size() != 2) {
      throw new MalformedLineException(number, "members besides key and value", HINT);
    }
    return new KeyValue(key, value);
  }

  private static JsonObject parse(String text, long number) throws MalformedLineException {
    try {
      JsonReader reader = new JsonReader(new StringReader(text));
      reader.setStrictness(Strictness.STRICT);
      JsonElement element = Streams.parse(reader);
      if (!element.isJsonObject() || reader.peek() != JsonToken.END_DOCUMENT) {
        throw new MalformedLineException(number, "not one JSON object", HINT);
      }
      return element.getAsJsonObject();
    } catch (MalformedLineException e) {
      throw e;
    } catch (JsonParseException | IOException e) {
      throw new MalformedLineException(number, "not a JSON object", HINT);
    }
  }

  private static byte[] member(JsonObject object, String name, long number)
      throws MalformedLineException {
    JsonElement text = object.get(name);
    JsonElement base64 = object.get(name + "_base64");
    if ((text == null) == (base64 == null)) {
      throw new MalformedLineException(
          number, "needs exactly one of " + name + " and " + name + "_base64", HINT);
    }
    JsonElement present = text == null ? base64 : text;
    if (!present.isJsonPrimitive() || !present.getAsJsonPrimitive().isString()) {
      throw new MalformedLineException(number, name + " is not a string", HINT);
    }
    try {
      if (text == null) {
        return Base64.getDecoder().decode(present.getAsString());
      }
      ByteBuffer bytes =
          StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(present.getAsString()));
      return Arrays.copyOfRange(
          bytes.array(), bytes.arrayOffset(), bytes.arrayOffset() + bytes.limit());
    } catch (IllegalArgumentException | CharacterCodingException e) {
      throw new MalformedLineException(number, name + " is not well-formed", HINT);
    }
  }
}
