package org.ferrisdb.node.config;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ferrisdb.storage.LevelCompression;
import org.ferrisdb.storage.sstable.Compression;

/** Turns settings into a {@link NodeConfig}, or says what is wrong with which. */
final class ConfigValidator {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
  private static final Pattern NETWORK = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");
  private static final Pattern BYTES = Pattern.compile("(\\d{1,15})\\s*([kmgKMG]?)[bB]?");
  private static final Pattern DURATION = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h|)");
  private static final List<String> LEVELS = List.of("error", "warn", "info", "debug", "trace");

  private final Map<ConfigKey, Setting> settings;

  private ConfigValidator(Map<ConfigKey, Setting> settings) {
    this.settings = settings;
  }

  static NodeConfig validate(Map<ConfigKey, Setting> settings) {
    return new ConfigValidator(settings).build();
  }

  private NodeConfig build() {
    String name = text(ConfigKey.NODE_NAME);
    if (!NAME.matcher(name).matches()) {
      throw wrong(
          ConfigKey.NODE_NAME, "not a name", "use up to 63 letters, digits, '.', '_' and '-'");
    }
    HostPort clientListen = address(ConfigKey.CLIENT_LISTEN);
    HostPort raftListen = address(ConfigKey.RAFT_LISTEN);
    HostPort httpListen = address(ConfigKey.HTTP_LISTEN);
    distinct(clientListen, raftListen, httpListen);
    HostPort clientAdvertise = advertised(ConfigKey.CLIENT_ADVERTISE, clientListen);
    List<HostPort> seeds = seeds(clientAdvertise);
    int shards = (int) number(ConfigKey.SHARDS, 1, 256);
    Duration electionMin = duration(ConfigKey.ELECTION_MIN, 100, 60_000);
    Duration electionMax = duration(ConfigKey.ELECTION_MAX, 100, 120_000);
    if (electionMax.compareTo(electionMin) <= 0) {
      throw wrong(
          ConfigKey.ELECTION_MAX,
          "not above raft.election-timeout-min",
          "set it to about 1.7 times that");
    }
    Duration lease = duration(ConfigKey.LEASE, 20, 60_000);
    if (lease.compareTo(electionMin) >= 0) {
      throw wrong(
          ConfigKey.LEASE,
          "not below raft.election-timeout-min",
          "a lease that outlives an election keeps the new leader waiting");
    }
    return new NodeConfig(
        name,
        path(ConfigKey.DATA_DIR),
        clientListen,
        raftListen,
        httpListen,
        clientAdvertise,
        networks(),
        advertised(ConfigKey.RAFT_ADVERTISE, raftListen),
        advertised(ConfigKey.HTTP_ADVERTISE, httpListen),
        seeds,
        initialNodes(seeds),
        shards,
        splitKeys(shards),
        bytes(ConfigKey.MEMORY_BUDGET, 0, Long.MAX_VALUE),
        limits(),
        duration(ConfigKey.RETENTION, 1_000, 30L * 24 * 3600 * 1000),
        electionMin,
        electionMax,
        lease,
        bytes(ConfigKey.LOG_BYTES, 1 << 20, Long.MAX_VALUE),
        (int) number(ConfigKey.KEEP_ENTRIES, 0, 100_000_000),
        duration(ConfigKey.SLOW_OPERATION, 1, 3_600_000),
        bytes(ConfigKey.DISK_RESERVE, 1 << 20, Long.MAX_VALUE),
        (int) number(ConfigKey.BACKGROUND_THREADS, 1, 64),
        bytes(ConfigKey.COMPACTION_RATE, 0, Long.MAX_VALUE),
        compression(),
        level(),
        flag(ConfigKey.LOG_CONSOLE),
        settings);
  }

  private SortedMap<String, String> networks() {
    SortedMap<String, String> networks = new TreeMap<>();
    String text = text(ConfigKey.CLIENT_NETWORKS);
    if (text.isEmpty()) {
      return networks;
    }
    for (String part : text.split(",", -1)) {
      String[] pair = part.strip().split("=", 2);
      String name = pair[0].strip();
      if (pair.length < 2 || !NETWORK.matcher(name).matches() || name.equals("default")) {
        throw wrong(
            ConfigKey.CLIENT_NETWORKS,
            "'" + part.strip() + "' is not network=host:port",
            "name each by 1 to 32 small letters, digits and dashes, and not 'default'");
      }
      HostPort address;
      try {
        address = HostPort.parse(pair[1].strip());
      } catch (IllegalArgumentException e) {
        throw wrong(
            ConfigKey.CLIENT_NETWORKS,
            "'" + pair[1] + "' is not host:port",
            "write name=host:7001");
      }
      if (networks.put(name, address.toString()) != null) {
        throw wrong(ConfigKey.CLIENT_NETWORKS, name + " is there twice", "remove one");
      }
    }
    return networks;
  }

  private LevelCompression compression() {
    Compression upper = compression(ConfigKey.COMPRESSION);
    if (text(ConfigKey.BOTTOM_COMPRESSION).isEmpty()) {
      return LevelCompression.same(upper);
    }
    Compression bottom = compression(ConfigKey.BOTTOM_COMPRESSION);
    try {
      return new LevelCompression(upper, bottom);
    } catch (IllegalArgumentException e) {
      throw wrong(
          ConfigKey.BOTTOM_COMPRESSION,
          "less than storage.compression = '" + text(ConfigKey.COMPRESSION) + "'",
          "set both to that, or storage.compression to less");
    }
  }

  private Compression compression(ConfigKey key) {
    try {
      return Compression.valueOf(text(key).toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw wrong(key, "not a compression", "use none, lz4 or zstd");
    }
  }

  private NodeConfig.Limits limits() {
    return new NodeConfig.Limits(
        (int) number(ConfigKey.LIMIT_CONNECTIONS, 1, 1_000_000),
        (int) number(ConfigKey.LIMIT_CONNECTION_REQUESTS, 1, 1_000_000),
        bytes(ConfigKey.LIMIT_CONNECTION_BYTES, 8 << 20, Long.MAX_VALUE),
        bytes(ConfigKey.LIMIT_NODE_BYTES, 0, Long.MAX_VALUE));
  }

  private int initialNodes(List<HostPort> seeds) {
    int initial = (int) number(ConfigKey.INITIAL_NODES, 0, 1000);
    if (initial > seeds.size()) {
      throw wrong(
          ConfigKey.INITIAL_NODES,
          "more than the " + seeds.size() + " of cluster.seeds",
          "list every initial node's client address in cluster.seeds");
    }
    return initial == 0 ? seeds.size() : initial;
  }

  private List<HostPort> seeds(HostPort self) {
    String text = text(ConfigKey.SEEDS);
    if (text.isEmpty()) {
      return List.of(self);
    }
    LinkedHashSet<HostPort> seeds = new LinkedHashSet<>();
    for (String part : text.split(",", -1)) {
      HostPort seed;
      try {
        seed = HostPort.parse(part.strip());
      } catch (IllegalArgumentException e) {
        throw wrong(ConfigKey.SEEDS, "'" + part + "' is not host:port", "separate them by commas");
      }
      if (!seeds.add(seed)) {
        throw wrong(ConfigKey.SEEDS, seed + " is there twice", "remove one");
      }
    }
    return List.copyOf(seeds);
  }

  private List<byte[]> splitKeys(int shards) {
    String text = text(ConfigKey.SPLIT_KEYS);
    if (text.isEmpty()) {
      return List.of();
    }
    List<byte[]> keys = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      byte[] key = unescape(part.strip());
      if (key.length == 0 || key.length > 8 << 10) {
        throw wrong(ConfigKey.SPLIT_KEYS, "an empty or too long key", "use 1 to 8,192 bytes each");
      }
      if (!keys.isEmpty() && Arrays.compareUnsigned(keys.getLast(), key) >= 0) {
        throw wrong(ConfigKey.SPLIT_KEYS, "not ascending at '" + part + "'", "sort them by bytes");
      }
      keys.add(key);
    }
    if (keys.size() != shards - 1) {
      throw wrong(
          ConfigKey.SPLIT_KEYS,
          keys.size() + " keys make " + (keys.size() + 1) + " shards",
          "set cluster.shards to that");
    }
    return keys;
  }

  private byte[] unescape(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); ) {
      if (text.startsWith("\\x", i) && i + 4 <= text.length()) {
        try {
          out.write(Integer.parseInt(text.substring(i + 2, i + 4), 16));
        } catch (NumberFormatException e) {
          throw wrong(ConfigKey.SPLIT_KEYS, "a bad escape in '" + text + "'", "write \\xNN");
        }
        i += 4;
      } else {
        int point = text.codePointAt(i);
        out.writeBytes(Character.toString(point).getBytes(StandardCharsets.UTF_8));
        i += Character.charCount(point);
      }
    }
    return out.toByteArray();
  }

  private void distinct(HostPort client, HostPort raft, HostPort http) {
    if (client.port() != 0 && client.equals(raft)) {
      throw wrong(ConfigKey.RAFT_LISTEN, "the same as client.listen", "give each its own port");
    }
    if (http.port() != 0 && (http.equals(client) || http.equals(raft))) {
      throw wrong(ConfigKey.HTTP_LISTEN, "taken by another of this node", "give it its own port");
    }
  }

  private String level() {
    String level = text(ConfigKey.LOG_LEVEL).toLowerCase(Locale.ROOT);
    if (!LEVELS.contains(level)) {
      throw wrong(ConfigKey.LOG_LEVEL, "not a level", "use one of " + String.join(", ", LEVELS));
    }
    return level;
  }

  private HostPort advertised(ConfigKey key, HostPort otherwise) {
    return text(key).isEmpty() ? otherwise : address(key);
  }

  private HostPort address(ConfigKey key) {
    try {
      return HostPort.parse(text(key));
    } catch (IllegalArgumentException e) {
      throw wrong(key, "not host:port", "write it as 127.0.0.1:7001");
    }
  }

  private Path path(ConfigKey key) {
    try {
      if (!text(key).isEmpty()) {
        return Path.of(text(key)).toAbsolutePath().normalize();
      }
    } catch (InvalidPathException e) {
      // Said below.
    }
    throw wrong(key, "not a path", "name a directory");
  }

  private boolean flag(ConfigKey key) {
    return switch (text(key).toLowerCase(Locale.ROOT)) {
      case "true", "yes", "on" -> true;
      case "false", "no", "off" -> false;
      default -> throw wrong(key, "neither true nor false", "write one of them");
    };
  }

  private long number(ConfigKey key, long min, long max) {
    try {
      return inRange(key, Long.parseLong(text(key)), min, max, "");
    } catch (NumberFormatException e) {
      throw wrong(key, "not a whole number", "use " + min + " to " + max);
    }
  }

  private long bytes(ConfigKey key, long min, long max) {
    Matcher m = BYTES.matcher(text(key));
    if (!m.matches()) {
      throw wrong(key, "not a size", "write bytes, or 64k, 16m, 1g");
    }
    int shift =
        switch (m.group(2).toLowerCase(Locale.ROOT)) {
          case "k" -> 10;
          case "m" -> 20;
          case "g" -> 30;
          default -> 0;
        };
    long number = Long.parseLong(m.group(1));
    if (number > Long.MAX_VALUE >> shift) {
      throw wrong(key, "too large", "no machine has that much");
    }
    return inRange(key, number << shift, min, max, " bytes");
  }

  private Duration duration(ConfigKey key, long minMillis, long maxMillis) {
    Matcher m = DURATION.matcher(text(key));
    if (!m.matches()) {
      throw wrong(key, "not a duration", "write 500ms, 10s, 5m or 1h");
    }
    long unit =
        switch (m.group(2)) {
          case "s" -> 1_000;
          case "m" -> 60_000;
          case "h" -> 3_600_000;
          default -> 1;
        };
    long millis = Math.multiplyExact(Long.parseLong(m.group(1)), unit);
    return Duration.ofMillis(inRange(key, millis, minMillis, maxMillis, " ms"));
  }

  private long inRange(ConfigKey key, long value, long min, long max, String unit) {
    if (value < min || value > max) {
      String remedy = max == Long.MAX_VALUE ? "use at least " + min : "use " + min + " to " + max;
      throw wrong(key, "out of range", remedy + unit);
    }
    return value;
  }

  private String text(ConfigKey key) {
    return setting(key).value();
  }

  private Setting setting(ConfigKey key) {
    return settings.getOrDefault(key, new Setting(key.defaultValue(), "default"));
  }

  private ConfigException wrong(ConfigKey key, String wrong, String remedy) {
    Setting s = setting(key);
    return ConfigException.of(key, s.value(), s.source(), wrong, remedy);
  }
}
