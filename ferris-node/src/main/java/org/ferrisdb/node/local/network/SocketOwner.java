package org.ferrisdb.node.local.network;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * Tells which process holds the local end of a loopback connection: /proc/net/tcp gives the
 * socket's inode by its port, /proc/PID/fd the process that has it open. Linux only.
 */
final class SocketOwner {
  private SocketOwner() {}

  /** The process among {@code candidates} that has the socket with this local port open. */
  static OptionalLong among(Iterable<Long> candidates, int localPort) {
    String inode = inode(localPort);
    if (inode.isEmpty()) {
      return OptionalLong.empty();
    }
    for (long pid : candidates) {
      if (holds(pid, "socket:[" + inode + "]")) {
        return OptionalLong.of(pid);
      }
    }
    return OptionalLong.empty();
  }

  private static String inode(int localPort) {
    String port = String.format(Locale.ROOT, ":%04X", localPort);
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      try {
        for (String line : Files.readAllLines(Path.of(table))) {
          String[] fields = line.trim().split("\\s+");
          if (fields.length > 9 && fields[1].endsWith(port) && fields[3].equals("01")) {
            return fields[9];
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return "";
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
