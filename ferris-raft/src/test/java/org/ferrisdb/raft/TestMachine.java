package org.ferrisdb.raft;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A small replicated map for tests: an entry is {@code key=value}. Its durable form is one text
 * file, written by flush only, so a restart must replay the log behind it.
 */
final class TestMachine implements ReplicatedStateMachine {
  private final Path file;
  private final Map<String, String> values = new TreeMap<>();
  private RaftPosition applied = RaftPosition.NONE;

  /** What was told, in order: "gained T", "lost", "failed". */
  final List<String> notices = new CopyOnWriteArrayList<>();

  final List<Leadership> leaderships = new CopyOnWriteArrayList<>();
  volatile int installs;
  volatile boolean closed;

  TestMachine(Path directory) {
    this.file = directory.resolve("state");
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  synchronized @Nullable String get(String key) {
    return values.get(key);
  }

  synchronized int size() {
    return values.size();
  }

  synchronized Map<String, String> contents() {
    return new TreeMap<>(values);
  }

  synchronized RaftPosition applied() {
    return applied;
  }

  static ByteBuffer put(String key, String value) {
    return ByteBuffer.wrap((key + "=" + value).getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public synchronized RaftPosition open() {
    if (Files.exists(file)) {
      load(file);
    }
    return applied;
  }

  private void load(Path from) {
    try {
      List<String> lines = Files.readAllLines(from);
      values.clear();
      String position = lines.getFirst();
      int space = position.indexOf(' ');
      applied =
          new RaftPosition(
              Long.parseLong(position.substring(0, space)),
              Long.parseLong(position.substring(space + 1)));
      for (String line : lines.subList(1, lines.size())) {
        set(line);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void set(String keyValue) {
    int equals = keyValue.indexOf('=');
    values.put(keyValue.substring(0, equals), keyValue.substring(equals + 1));
  }

  @Override
  public synchronized void apply(AppliedEntry entry) {
    if (entry.index() <= applied.index()) {
      throw new IllegalStateException("applied twice: " + entry.index());
    }
    set(StandardCharsets.UTF_8.decode(entry.payload()).toString());
    applied = new RaftPosition(entry.term(), entry.index());
  }

  @Override
  public synchronized void advance(RaftPosition position) {
    applied = position;
  }

  @Override
  public synchronized RaftPosition flush() {
    save(file);
    return applied;
  }

  private void save(Path to) {
    List<String> lines = new ArrayList<>();
    lines.add(applied.term() + " " + applied.index());
    values.forEach((k, v) -> lines.add(k + "=" + v));
    try {
      Path aside = to.resolveSibling(to.getFileName() + ".tmp");
      Files.write(aside, lines);
      Files.move(aside, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized RaftPosition checkpoint(Path directory) {
    try {
      Files.createDirectory(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    save(directory.resolve("state"));
    return applied;
  }

  @Override
  public synchronized RaftPosition install(Path directory) {
    try {
      Files.move(directory.resolve("state"), file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    load(file);
    installs++;
    return applied;
  }

  @Override
  public void leadershipGained(Leadership leadership) {
    leaderships.add(leadership);
    notices.add("gained " + leadership.term());
  }

  @Override
  public void leadershipLost() {
    notices.add("lost");
  }

  @Override
  public void failed(Throwable cause) {
    notices.add("failed");
  }

  @Override
  public void close() {
    closed = true;
  }
}
