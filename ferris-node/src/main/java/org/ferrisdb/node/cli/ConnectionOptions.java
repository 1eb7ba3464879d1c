package org.ferrisdb.node.cli;

import java.time.Duration;
import java.util.List;
import org.ferrisdb.client.FerrisUri;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which cluster, and how patiently. Mixed into every command that talks to one. */
public final class ConnectionOptions {
  /** The cluster that {@code ferris up} starts. */
  public static final String DEFAULT_URL = "ferris://127.0.0.1:7001,127.0.0.1:7002,127.0.0.1:7003";

  /** Environment variable that stands in for {@code --url}. */
  public static final String URL_VARIABLE = "FERRIS_URL";

  @Option(
      names = "--url",
      paramLabel = "URL",
      description =
          "The cluster: ferris://host:port,host:port,... and perhaps ?network=NAME. Default: the"
              + " environment variable FERRIS_URL, else what ./ferris up starts (127.0.0.1:7001 to"
              + " 7003).")
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

  /**
   * Where the cluster is, read as the client library reads it.
   *
   * @throws org.ferrisdb.client.InvalidRequestException if the URL can not be read
   */
  public FerrisUri uri(CliContext context) {
    return FerrisUri.parse(url(context));
  }

  /** host:port of every address of the URL. */
  public List<String> addresses(CliContext context) {
    return uri(context).addresses();
  }
}
