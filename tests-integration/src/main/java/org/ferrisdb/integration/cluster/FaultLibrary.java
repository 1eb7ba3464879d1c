package org.ferrisdb.integration.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code faults.c} and {@code unsynced.c}, compiled with the machine's gcc and preloaded into
 * nodes: fsyncs that are slow or fail, another time of day, and a journal of what is not synced.
 */
final class FaultLibrary {
  private final Path library;

  private FaultLibrary(Path library) {
    this.library = library;
  }

  /** Why there is none here; empty if there is one. */
  static Optional<String> unavailable() {
    return Commands.run("gcc", "--version").ok()
        ? Optional.empty()
        : Optional.of("needs gcc, which compiles the library that fakes it: apt-get install gcc");
  }

  /** Compiles it into a directory. */
  static FaultLibrary compile(Path directory) {
    Path library = directory.resolve("libfaults.so");
    List<String> command =
        new ArrayList<>(
            List.of("gcc", "-O2", "-shared", "-fPIC", "-pthread", "-o", library.toString()));
    for (String name : List.of("faults.c", "unsynced.c")) {
      command.add(source(directory, name).toString());
    }
    command.add("-ldl");
    String _ = Commands.require(command.toArray(String[]::new));
    return new FaultLibrary(library);
  }

  private static Path source(Path directory, String name) {
    try (InputStream in = FaultLibrary.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not on the class path");
      }
      Files.createDirectories(directory);
      return Files.write(directory.resolve(name), in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The controls of one node, in a file of that name. */
  Control control(Path file) {
    return new Control(library, file);
  }

  /** What one node's library does; at once, over restarts of the node. */
  static final class Control implements AutoCloseable {
    private static final int BYTES = 32;
    private static final long OFFSET_NANOS = 0;
    private static final long DELAY_MICROS = 8;
    private static final long FAIL = 16;
    private static final long COUNT = 24;

    private final Path library;
    private final Path file;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;

    private Control(Path library, Path file) {
      this.library = library;
      this.file = file;
      try (FileChannel channel =
          FileChannel.open(
              Files.write(file, new byte[BYTES]),
              StandardOpenOption.READ,
              StandardOpenOption.WRITE)) {
        this.memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES, arena);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** What the node's environment must have. */
    Map<String, String> environment() {
      return Map.of("LD_PRELOAD", library.toString(), "FAULTS_CONTROL", file.toString());
    }

    void offsetNanos(long nanos) {
      memory.set(ValueLayout.JAVA_LONG, OFFSET_NANOS, nanos);
    }

    void delayMicros(long micros) {
      memory.set(ValueLayout.JAVA_LONG, COUNT, 0);
      memory.set(ValueLayout.JAVA_LONG, DELAY_MICROS, micros);
    }

    void fail(boolean fail) {
      memory.set(ValueLayout.JAVA_LONG, COUNT, 0);
      memory.set(ValueLayout.JAVA_LONG, FAIL, fail ? 1 : 0);
    }

    boolean isFaulty() {
      return memory.get(ValueLayout.JAVA_LONG, DELAY_MICROS) != 0
          || memory.get(ValueLayout.JAVA_LONG, FAIL) != 0;
    }

    /** Fsyncs delayed or failed since the last change. */
    long count() {
      return memory.get(ValueLayout.JAVA_LONG, COUNT);
    }

    @Override
    public void close() {
      arena.close();
    }
  }
}
