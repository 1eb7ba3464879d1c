package org.ferrisdb.node.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Merges file, environment and flags into settings. Stateless. */
public final class ConfigReader {
  private ConfigReader() {}

  /**
   * Reads and validates everything.
   *
   * @param file the file, if one was named; it must exist
   * @param environment the process's environment
   * @param flags key and value as given on the command line
   */
  public static NodeConfig read(
      Optional<Path> file, Map<String, String> environment, Map<String, String> flags) {
    Map<ConfigKey, Setting> settings = new EnumMap<>(ConfigKey.class);
    for (ConfigKey k : ConfigKey.values()) {
      settings.put(k, new Setting(k.defaultValue(), "default"));
    }
    file.ifPresent(path -> readFile(path, settings));
    for (ConfigKey k : ConfigKey.values()) {
      String value = environment.get(k.environmentName());
      if (value != null) {
        settings.put(k, new Setting(value.strip(), "environment " + k.environmentName()));
      }
    }
    flags.forEach((name, value) -> settings.put(key(name, "flag"), new Setting(value, "flag")));
    return ConfigValidator.validate(settings);
  }

  private static void readFile(Path path, Map<ConfigKey, Setting> settings) {
    List<String> lines;
    try {
      lines = Files.readAllLines(path, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new ConfigException(
          "configuration file " + path + " does not exist; create it or name another");
    } catch (IOException e) {
      throw new ConfigException("configuration file " + path + " can not be read: " + e);
    }
    Map<ConfigKey, Integer> seen = new EnumMap<>(ConfigKey.class);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      String source = "file " + path.getFileName() + " line " + (i + 1);
      int equals = line.indexOf('=');
      if (equals <= 0) {
        throw new ConfigException(
            "'" + line + "' (from " + source + "): not of the form key = value; add the '='");
      }
      ConfigKey k = key(line.substring(0, equals).strip(), source);
      Integer earlier = seen.put(k, i + 1);
      if (earlier != null) {
        throw new ConfigException(
            k.key() + " (from " + source + "): set already in line " + earlier + "; remove one");
      }
      settings.put(k, new Setting(line.substring(equals + 1).strip(), source));
    }
  }

  private static ConfigKey key(String name, String source) {
    return ConfigKey.named(name)
        .orElseThrow(() ->
            new ConfigException(
                "'"
                    + name
                    + "' (from "
                    + source
                    + "): no such setting; did you mean '"
                    + nearest(name)
                    + "'?"));
  }

  private static String nearest(String name) {
    String best = "";
    int bestDistance = Integer.MAX_VALUE;
    for (ConfigKey k : ConfigKey.values()) {
      int d = distance(name, k.key());
      if (d < bestDistance) {
        bestDistance = d;
        best = k.key();
      }
    }
    return best;
  }

  /** Levenshtein's edit distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int above = row[j];
        int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replace, Math.min(above, row[j - 1]) + 1);
        diagonal = above;
      }
    }
    return row[b.length()];
  }
}
