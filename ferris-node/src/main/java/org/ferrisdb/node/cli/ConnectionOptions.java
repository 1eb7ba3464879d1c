package org.ferrisdb.node.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which cluster, and how patiently. Mixed into every command that talks to one. */
public final class ConnectionOptions {
  /** The cluster that {@code ferris up} starts. */
  public static final String DEFAULT_URL = "ferris://127.0.0.1:7001,127.0.0.1:7002,127.0.0.1:7003";

  /** Environment variable that stands in for {@code --url}. */
  public static final String URL_VARIABLE = "FERRIS_URL";

  private static final String SCHEME = "ferris://";

  @Option(
      names = "--url",
      paramLabel = "URL",
      description =
          "The cluster: ferris://host:port,host:port,... Default: the environment variable"
              + " FERRIS_URL, else the three nodes of ./ferris up (127.0.0.1:7001 to 7003).")
  private @Nullable String url;

  @Option(
      names = "--deadline",
      paramLabel = "SECONDS",
      description = "How long each call may take before it fails (default: 10).")
  private @Nullable Double deadlineSeconds;

  /** The cluster's URL. */
  public String url(CliContext context) {
    if (url != null) {
      return url;
    }
    String fromEnvironment = context.environment().getOrDefault(URL_VARIABLE, "");
    return fromEnvironment.isEmpty() ? DEFAULT_URL : fromEnvironment;
  }

  /** Whether the URL was given, here or in the environment. */
  public boolean urlGiven(CliContext context) {
    return !url(context).equals(DEFAULT_URL);
  }

  /** The deadline of each call: what was given, else 10 seconds. */
  public Duration deadline() {
    return deadlineOr(Duration.ofSeconds(10));
  }

  /** The deadline of each call: what was given, else this. */
  public Duration deadlineOr(Duration otherwise) {
    if (deadlineSeconds == null) {
      return otherwise;
    }
    if (!(deadlineSeconds > 0 && deadlineSeconds <= 300)) {
      throw new CliException(
          ExitCode.USAGE, "--deadline must be above 0 and at most 300", "it is in seconds");
    }
    return Duration.ofMillis(Math.max(1, Math.round(deadlineSeconds * 1_000)));
  }

  /** host:port of every address of the URL. */
  public List<String> addresses(CliContext context) {
    return parse(url(context));
  }

  static List<String> parse(String url) {
    String hint = "write it as ferris://host:port,host:port";
    if (!url.startsWith(SCHEME)) {
      throw new CliException(ExitCode.USAGE, "'" + url + "' is no FerrisDB address", hint);
    }
    List<String> addresses = new ArrayList<>();
    for (String part : url.substring(SCHEME.length()).split(",", -1)) {
      if (!part.matches("[^:/]+:[0-9]{1,5}")) {
        throw new CliException(
            ExitCode.USAGE, "'" + part + "' in '" + url + "' is not host:port", hint);
      }
      addresses.add(part);
    }
    return addresses;
  }
}
