package org.ferrisdb.node.cli.cluster;

import java.nio.file.Path;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.local.LocalCluster;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the local cluster lives. */
public final class DirOption {
  /** Environment variable that stands in for {@code --dir}. */
  public static final String VARIABLE = "FERRIS_DIR";

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "Directory of the local cluster (default: FERRIS_DIR, else ~/.ferris/local).")
  private @Nullable Path dir;

  /** The directory; perhaps not there yet. */
  public Path path(CliContext context) {
    if (dir != null) {
      return dir.toAbsolutePath().normalize();
    }
    String fromEnvironment = context.environment().getOrDefault(VARIABLE, "");
    Path path =
        fromEnvironment.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".ferris", "local")
            : Path.of(fromEnvironment);
    return path.toAbsolutePath().normalize();
  }

  /** The cluster that is there. */
  public LocalCluster open(CliContext context) {
    Path path = path(context);
    return LocalCluster.open(path)
        .orElseThrow(() ->
            new CliException(
                ExitCode.NO,
                "there is no local cluster in " + path,
                "create one with ./ferris up, or name its directory with --dir"));
  }
}
