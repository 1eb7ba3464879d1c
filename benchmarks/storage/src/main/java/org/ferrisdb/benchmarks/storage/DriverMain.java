package org.ferrisdb.benchmarks.storage;

import com.google.gson.Gson;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * One contestant's turn in a JVM of its own. Arguments: contestant, directory, records, bytes of a
 * value, seconds of a workload, workloads with commas between. Prints a {@link Measurement} a line
 * as JSON.
 */
final class DriverMain {
  private DriverMain() {}

  public static void main(String[] args) throws IOException {
    Contestant contestant = Contestant.named(List.of(args[0])).getFirst();
    Path directory = Files.createDirectories(Path.of(args[1]));
    Data data = new Data(Integer.parseInt(args[2]), Integer.parseInt(args[3]));
    List<Workload> workloads = Workload.named(List.of(args[5].split(",")));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    Gson gson = new Gson();
    new Driver(
            contestant,
            directory,
            data,
            Double.parseDouble(args[4]),
            m -> out.println(gson.toJson(m)))
        .run(workloads);
  }
}
