package org.ferrisdb.node.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A {@link LocalClusterSpec} in its directory, as {@code key = value} lines:
 *
 * <pre>
 *   shards = 4
 *   n1 = 7001 7101 7201
 *   n2 = 7002 7102 7202
 *   set limits.connections = 100
 *   env n1:LC_ALL = C
 *   jvm -Xmx1g
 * </pre>
 */
final class SpecFile {
  private static final String NAME = "cluster.properties";

  private SpecFile() {}

  static String format(LocalClusterSpec spec) {
    StringBuilder out = new StringBuilder("# A local FerrisDB cluster; written by ./ferris up\n");
    out.append("shards = ").append(spec.shards()).append('\n');
    for (int i = 0; i < spec.ports().size(); i++) {
      NodePorts p = spec.ports().get(i);
      out.append(LocalClusterSpec.nodeName(i)).append(" = ");
      out.append(p.client()).append(' ').append(p.raft()).append(' ').append(p.http());
      out.append('\n');
    }
    new TreeMap<>(spec.settings())
        .forEach((k, v) -> out.append("set ").append(k).append(" = ").append(v).append('\n'));
    new TreeMap<>(spec.environment())
        .forEach((k, v) -> out.append("env ").append(k).append(" = ").append(v).append('\n'));
    spec.jvmOptions().forEach(o -> out.append("jvm ").append(o).append('\n'));
    return out.toString();
  }

  static LocalClusterSpec parse(Path dir, String text) {
    int shards = 0;
    List<NodePorts> ports = new ArrayList<>();
    Map<String, String> settings = new TreeMap<>();
    Map<String, String> environment = new TreeMap<>();
    List<String> jvmOptions = new ArrayList<>();
    for (String line : text.lines().filter(l -> !l.isBlank() && !l.startsWith("#")).toList()) {
      if (line.startsWith("jvm ")) {
        jvmOptions.add(line.substring(4));
        continue;
      }
      int equals = line.indexOf(" = ");
      if (equals < 0) {
        throw new IllegalArgumentException("not understood: " + line);
      }
      String key = line.substring(0, equals);
      String value = line.substring(equals + 3);
      if (key.equals("shards")) {
        shards = Integer.parseInt(value);
      } else if (key.startsWith("set ")) {
        settings.put(key.substring(4), value);
      } else if (key.startsWith("env ")) {
        environment.put(key.substring(4), value);
      } else if (key.equals(LocalClusterSpec.nodeName(ports.size()))) {
        String[] p = value.split(" ", 3);
        ports.add(
            new NodePorts(Integer.parseInt(p[0]), Integer.parseInt(p[1]), Integer.parseInt(p[2])));
      } else {
        throw new IllegalArgumentException("not understood: " + line);
      }
    }
    return LocalClusterSpec.of(dir, shards, ports)
        .withSettings(settings)
        .withJvmOptions(jvmOptions)
        .withEnvironment(environment);
  }

  static Optional<LocalClusterSpec> read(Path dir) {
    Path file = dir.resolve(NAME);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          parse(dir.toAbsolutePath().normalize(), Files.readString(file, StandardCharsets.UTF_8)));
    } catch (IOException | RuntimeException e) {
      throw new LocalClusterException(
          file + " can not be read: " + e.getMessage(), "name another directory with --dir", e);
    }
  }

  static void write(LocalClusterSpec spec) {
    try {
      Files.createDirectories(spec.dir());
      Path temporary = spec.dir().resolve(NAME + ".new");
      Files.writeString(temporary, format(spec), StandardCharsets.UTF_8);
      Files.move(temporary, spec.dir().resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
