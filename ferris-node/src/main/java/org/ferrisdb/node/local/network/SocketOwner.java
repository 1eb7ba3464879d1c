package org.ferrisdb.node.local.network;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Tells which process holds the local end of a loopback connection: /proc/net/tcp gives the
 * socket's inode by its ports, /proc/PID/fd the process that has it open. Linux only.
 *
 * <p>Both ports, because the kernel gives one local port to several connections if they lead to
 * different places. And who finds nothing looks again: the tables are written while they change,
 * and a node that has just been started is not known by its process id yet.
 */
final class SocketOwner {
  private static final int LOOKS = 10;
  private static final long PAUSE_NANOS = 10_000_000;

  /** The state of a connection that is established. */
  private static final String ESTABLISHED = "01";

  private SocketOwner() {}

  /**
   * The process among the candidates that has the local end of the connection open. Takes a tenth
   * of a second to say that none of them has, and no time at all if that end has been closed.
   *
   * @param candidates asked for at each look
   * @param localPort of the end that is looked for
   * @param remotePort of the other end
   */
  static OptionalLong among(
      Supplier<? extends Iterable<Long>> candidates, int localPort, int remotePort) {
    for (int look = 1; look <= LOOKS; look++) {
      Optional<String> inode = inode(localPort, remotePort);
      if (inode.isEmpty() && look > 1) {
        // Who closes connections as fast as they are made must not keep us looking for him.
        return OptionalLong.empty();
      }
      if (inode.isPresent()) {
        for (long pid : candidates.get()) {
          if (holds(pid, "socket:[" + inode.get() + "]")) {
            return OptionalLong.of(pid);
          }
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
    return OptionalLong.empty();
  }

  private static Optional<String> inode(int localPort, int remotePort) {
    return Stream.of("/proc/net/tcp", "/proc/net/tcp6")
        .flatMap(table -> inode(lines(Path.of(table)), localPort, remotePort).stream())
        .findFirst();
  }

  private static List<String> lines(Path table) {
    try {
      return Files.readAllLines(table);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From the lines of the kernel's table, in which ports are hexadecimal. Pure. */
  static Optional<String> inode(List<String> table, int localPort, int remotePort) {
    String local = String.format(Locale.ROOT, ":%04X", localPort);
    String remote = String.format(Locale.ROOT, ":%04X", remotePort);
    return table.stream()
        .map(line -> line.trim().split("\\s+"))
        .filter(f ->
            f.length > 9
                && f[1].endsWith(local)
                && f[2].endsWith(remote)
                && f[3].equals(ESTABLISHED))
        .map(f -> f[9])
        .findFirst();
  }

  private static boolean holds(long pid, String target) {
    try (DirectoryStream<Path> descriptors =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
      for (Path descriptor : descriptors) {
        if (isLinkTo(descriptor, target)) {
          return true;
        }
      }
    } catch (IOException e) {
      return false; // the process is gone
    }
    return false;
  }

  private static boolean isLinkTo(Path descriptor, String target) {
    try {
      return Files.readSymbolicLink(descriptor).toString().equals(target);
    } catch (IOException e) {
      return false; // closed while we looked
    }
  }
}
