package org.ferrisdb.node.cli.data;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
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

/** {@code ferris export}. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Writes every record, in byte order of the keys.",
      "%nThe order is that of LC_ALL=C sort. The whole export is one consistent cut, however many shards there are and whatever is"
          + " written meanwhile. Formats are those of ./ferris import, and any bytes survive the"
          + " way out and in again (with raw: as long as they hold no newline)."
    },
    exitCodeList = {
      "0:written, all of it",
      "1:the file can not be written",
      ExitCode.USAGE_WORDS,
      ExitCode.UNAVAILABLE_WORDS
    },
    footer = {
      "%nExamples:",
      "  ./ferris export > all.tsv",
      "  ./ferris export --prefix city/ --format jsonl --file cities.jsonl",
      "  ./ferris export --ascii | less",
    })
public final class ExportCommand implements Callable<Integer> {
  private static final Duration LONG_DEADLINE = Duration.ofSeconds(60);

  /** Small records should not make small pages: the limit of 1 MiB a page is to be the one. */
  private static final int PAGE_ENTRIES = 10_000;

  /** A MiB each: enough for the shards to come to have answered before the export gets to them. */
  private static final int PAGES_AHEAD = 8;

  private final CliContext context;

  @Mixin private final ConnectionOptions connection = new ConnectionOptions();
  @Mixin private final OutputOptions output = new OutputOptions();
  @Mixin private final KeyOptions keys = new KeyOptions();

  @Option(
      names = "--prefix",
      paramLabel = "P",
      completionCandidates = KeyCandidates.class,
      description = "Keys that begin with this.")
  private String prefix = "";

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "${COMPLETION-CANDIDATES}. Default: by the name of --file; jsonl with -o json; tsv.")
  private @Nullable RecordFormat format;

  @Option(
      names = "--ascii",
      description = "Escape everything outside printable ASCII, too (\\xHH; not with raw).")
  private boolean ascii;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "Where to; it must not exist. Default: standard output.")
  private @Nullable Path file;

  /** Makes the command. */
  public ExportCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    RecordFormat chosen = chosenFormat();
    if (ascii && chosen == RecordFormat.RAW) {
      throw new CliException(ExitCode.USAGE, "--ascii does not go with raw", "use tsv");
    }
    if (file != null && Files.exists(file)) {
      throw new CliException(ExitCode.USAGE, file + " exists", "delete it or name another file");
    }
    Duration deadline = connection.deadlineOr(LONG_DEADLINE);
    try (Ferris ferris = Connections.open(context, connection, deadline)) {
      if (file == null) {
        return export(ferris, chosen, context.out());
      }
      try (OutputStream out = Files.newOutputStream(file)) {
        return export(ferris, chosen, out);
      }
    }
  }

  private RecordFormat chosenFormat() {
    if (format != null) {
      return format;
    }
    if (output.json()) {
      return RecordFormat.JSONL;
    }
    return file == null ? RecordFormat.TSV : RecordFormat.ofFileName(file.toString());
  }

  private int export(Ferris ferris, RecordFormat chosen, OutputStream to) throws IOException {
    OutputStream out = new BufferedOutputStream(to, 1 << 18);
    // A bar would get between the lines of an export to the same terminal.
    boolean bar = context.errIsTerminal() && (file != null || !context.outIsTerminal());
    KeyRange range = prefix.isEmpty() ? KeyRange.all() : KeyRange.prefix(keys.bytes(prefix));
    Scan scan = ferris.scan(range).pageSize(PAGE_ENTRIES).readAhead(PAGES_AHEAD);
    long records = 0;
    try (CloseableIterator<Entry> entries = scan.iterator();
        Progress progress = Progress.ofRecords("export", bar)) {
      while (entries.hasNext()) {
        Entry e = entries.next();
        chosen.write(e.key().toByteArray(), e.value().toByteArray(), ascii, out);
        progress.to(++records);
      }
    }
    out.flush();
    return ExitCode.OK;
  }
}
