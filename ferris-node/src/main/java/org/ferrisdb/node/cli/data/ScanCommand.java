package org.ferrisdb.node.cli.data;

import com.google.gson.JsonObject;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.CloseableIterator;
import org.ferrisdb.client.Entry;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.KeyRange;
import org.ferrisdb.client.Scan;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ConnectionOptions;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.KeyCandidates;
import org.ferrisdb.node.cli.OutputOptions;
import org.ferrisdb.node.cli.transfer.RecordFormat;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ferris scan}. */
@Command(
    name = "scan",
    mixinStandardHelpOptions = true,
    description = {
      "Lists keys and values in key order, as key TAB value.",
      "%nAll of it is one consistent cut of the whole cluster: the state at one instant. Tabs,"
          + " newlines, carriage returns and backslashes are printed as \\t \\n \\r \\\\; on a"
          + " terminal, or with --escaped, everything else that is not printable as \\xHH."
    },
    exitCodeList = {
      "0:listed, even if there was nothing to list",
      ExitCode.USAGE_WORDS,
      ExitCode.UNAVAILABLE_WORDS
    },
    footer = {
      "%nExamples:",
      "  ./ferris scan --prefix city/",
      "  ./ferris scan --from a --to b --limit 10 --reverse",
      "  ./ferris scan --keys-only | wc -l",
      "  ./ferris scan --prefix city/ -o json | jq .value",
    })
public final class ScanCommand implements Callable<Integer> {
  private final CliContext context;

  @Mixin private final ConnectionOptions connection = new ConnectionOptions();
  @Mixin private final OutputOptions output = new OutputOptions();
  @Mixin private final KeyOptions keys = new KeyOptions();

  @Option(
      names = "--prefix",
      paramLabel = "P",
      completionCandidates = KeyCandidates.class,
      description = "Keys that begin with this.")
  private @Nullable String prefix;

  @Option(
      names = "--from",
      paramLabel = "A",
      completionCandidates = KeyCandidates.class,
      description = "First key (inclusive).")
  private @Nullable String from;

  @Option(
      names = "--to",
      paramLabel = "B",
      completionCandidates = KeyCandidates.class,
      description = "Last key (exclusive).")
  private @Nullable String to;

  @Option(names = "--limit", paramLabel = "N", description = "At most so many.")
  private @Nullable Long limit;

  @Option(names = "--reverse", description = "From the last key to the first.")
  private boolean reverse;

  @Option(names = "--keys-only", description = "Keys without values.")
  private boolean keysOnly;

  /** Makes the command. */
  public ScanCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    KeyRange range = range();
    if (limit != null && limit < 1) {
      throw new CliException(ExitCode.USAGE, "--limit must be 1 or more", "leave it out for all");
    }
    try (Ferris ferris = Connections.open(context, connection)) {
      Scan scan = ferris.scan(range);
      scan = reverse ? scan.reverse() : scan;
      scan = keysOnly ? scan.keysOnly() : scan;
      scan = limit != null ? scan.limit(limit) : scan;
      OutputStream out = new BufferedOutputStream(context.out(), 1 << 16);
      boolean ascii = keys.escaped() || context.outIsTerminal();
      try (CloseableIterator<Entry> entries = scan.iterator()) {
        while (entries.hasNext() && !context.out().checkError()) {
          print(entries.next(), ascii, out);
        }
      }
      out.flush();
      return ExitCode.OK;
    }
  }

  private KeyRange range() {
    if (prefix != null && (from != null || to != null)) {
      throw new CliException(
          ExitCode.USAGE, "--prefix does not go with --from and --to", "use one or the other");
    }
    if (prefix != null) {
      return KeyRange.prefix(keys.bytes(prefix));
    }
    Bytes start = from == null ? Bytes.empty() : keys.bytes(from);
    return new KeyRange(start, Optional.ofNullable(to).map(keys::bytes));
  }

  private void print(Entry e, boolean ascii, OutputStream out) throws IOException {
    if (output.json()) {
      JsonObject json = new JsonObject();
      Connections.addBytes(json, "key", e.key());
      if (!keysOnly) {
        Connections.addBytes(json, "value", e.value());
      }
      json.addProperty("version", e.version().value());
      out.write(json.toString().getBytes(StandardCharsets.UTF_8));
      out.write('\n');
    } else if (keysOnly) {
      RecordFormat.writeKey(e.key().toByteArray(), ascii, out);
    } else {
      RecordFormat.TSV.write(e.key().toByteArray(), e.value().toByteArray(), ascii, out);
    }
  }
}
