package org.ferrisdb.node.cli.data;

import com.google.gson.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.FerrisOptions;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.ConnectionOptions;

/** What the commands share. */
public final class Connections {
  private Connections() {}

  /** As the one below, with the deadline that was given, else the usual one. */
  public static Ferris open(CliContext context, ConnectionOptions connection) {
    return open(context, connection, connection.deadline());
  }

  /**
   * Connects; fails soon if there is no node. One that does not answer is waited for as long as a
   * call may usually take, also by a command that retries its calls for longer.
   *
   * @param deadline of each call
   */
  static Ferris open(CliContext context, ConnectionOptions connection, Duration deadline) {
    FerrisOptions options =
        FerrisOptions.defaults()
            .withDeadline(deadline)
            .withConnectTimeout(connection.deadline())
            .withName("ferris-cli");
    return context.host().connect(connection.url(context), options);
  }

  /** Adds bytes as text, or in Base64 under name_base64 if they are not UTF-8. */
  public static void addBytes(JsonObject json, String name, Bytes bytes) {
    byte[] array = bytes.toByteArray();
    try {
      json.addProperty(
          name, StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(array)).toString());
    } catch (CharacterCodingException e) {
      json.addProperty(name + "_base64", Base64.getEncoder().encodeToString(array));
    }
  }
}
