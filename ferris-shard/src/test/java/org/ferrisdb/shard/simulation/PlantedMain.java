package org.ferrisdb.shard.simulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongFunction;
import org.ferrisdb.storage.testing.Mutant;
import org.ferrisdb.storage.testing.MutantLoader;

/**
 * How long the simulation takes to find each planted bug: {@code PlantedMain starts most [part of a
 * name]} runs every mutant from that many first seeds, each for at most so many seeds.
 */
public final class PlantedMain {
  private static final long APART = 1_000_000;

  private PlantedMain() {}

  /** How a mutant was found. */
  record Found(Mutant mutant, List<Long> seeds, double seconds, String violation) {
    /** The middle one of the starts, {@link Long#MAX_VALUE} if it was not found from that. */
    long median() {
      List<Long> sorted = seeds.stream().sorted().toList();
      return sorted.get(sorted.size() / 2);
    }

    long worst() {
      return seeds.stream().mapToLong(s -> s).max().orElseThrow();
    }

    String row() {
      return "| %-45s | %8s | %8s | %7.1f | %s"
          .formatted(
              mutant.name(),
              text(median()),
              text(worst()),
              seconds,
              violation.lines().findFirst().orElse(""));
    }

    private static String text(long seeds) {
      return seeds == Long.MAX_VALUE ? "-" : String.valueOf(seeds);
    }
  }

  /** Runs a mutant from several starts until it is found. */
  static Found find(Mutant mutant, long firstSeed, int starts, int most) throws IOException {
    Path classes = Files.createTempDirectory("mutant");
    try (MutantLoader loader = mutant.load(classes)) {
      @SuppressWarnings("unchecked")
      LongFunction<String> judge =
          loader.create("org.ferrisdb.shard.simulation.SeedJudge", LongFunction.class);
      long begin = System.nanoTime();
      List<Long> needed = new ArrayList<>();
      String violation = "";
      for (int start = 0; start < starts; start++) {
        long found = Long.MAX_VALUE;
        for (long i = 0; i < most && found == Long.MAX_VALUE; i++) {
          String wrong = judge.apply(firstSeed + start * APART + i);
          if (!wrong.isEmpty()) {
            found = i + 1;
            violation = "seed " + (firstSeed + start * APART + i) + ": " + wrong;
          }
        }
        needed.add(found);
      }
      return new Found(mutant, needed, (System.nanoTime() - begin) / 1e9 / starts, violation);
    } finally {
      delete(classes);
    }
  }

  private static void trace(long seed, String name) throws IOException {
    List<Mutant> all = new ArrayList<>(PlantedBugs.all());
    all.addAll(PlantedBugs.harmless());
    Mutant mutant = all.stream().filter(m -> m.name().contains(name)).findFirst().orElseThrow();
    Path classes = Files.createTempDirectory("mutant");
    try (MutantLoader loader = mutant.load(classes)) {
      System.out.println(
          loader
              .create("org.ferrisdb.shard.simulation.SeedReport", LongFunction.class)
              .apply(seed));
    } finally {
      delete(classes);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Prints the table; or, with {@code trace}, a seed and a name, one run of one mutant. */
  public static void main(String[] args) throws IOException {
    if (args[0].equals("trace")) {
      trace(Long.parseLong(args[1]), args[2]);
      return;
    }
    int starts = Integer.parseInt(args[0]);
    int most = Integer.parseInt(args[1]);
    List<Mutant> all = new ArrayList<>(PlantedBugs.all());
    all.addAll(PlantedBugs.harmless());
    for (Mutant mutant : all) {
      if (args.length < 3
          || Arrays.stream(args).skip(2).anyMatch(part -> mutant.name().contains(part))) {
        System.out.println(find(mutant, 1, starts, most).row());
      }
    }
  }
}
